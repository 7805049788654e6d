import QtQuick
import TomoBatch.Core

// Hands on the picture while a tool is out: one draws, two zoom, as ever.
Item {
    id: hands

    required property Measuring measuring

    enabled: measuring.tool.length > 0

    DragHandler {
        id: drag

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
        onCanceled: hands.measuring.cancel()
    }
}
