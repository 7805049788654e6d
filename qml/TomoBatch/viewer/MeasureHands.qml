import QtQuick
import TomoBatch.Core

// Hands on the picture while a tool is out: one draws, two zoom, as ever.
Item {
    id: hands

    required property SliceView view
    required property Measuring measuring

    enabled: measuring.tool.length > 0

    PinchHandler {
        target: null
        // What the first finger had begun to draw was meant for this.
        onActiveChanged: {
            if (active)
                hands.measuring.cancel();
        }
        onScaleChanged: delta => hands.view.zoomAt(centroid.position.x, centroid.position.y, delta)
        onTranslationChanged: delta => hands.view.pan(delta.x, delta.y)
    }

    DragHandler {
        target: null
        dragThreshold: 2
        onActiveChanged: {
            if (active)
                hands.measuring.press(centroid.pressPosition.x, centroid.pressPosition.y);
        }
        onCentroidChanged: {
            if (active)
                hands.measuring.move(centroid.position.x, centroid.position.y);
        }
    }

    PointHandler {
        onActiveChanged: {
            if (!active)
                hands.measuring.release();
        }
    }
}
