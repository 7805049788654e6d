import QtQuick
import TomoBatch.Core

// Hands on the histogram: the handle that is near is dragged; between the two, both are.
Item {
    id: hands

    required property SliceView view

    Accessible.role: Accessible.Graphic
    Accessible.name: "Histogram and contrast"

    DragHandler {
        id: drag

        target: null
        dragThreshold: 0
        onActiveChanged: {
            if (active)
                hands.view.grabContrast(centroid.pressPosition.y);
            else
                hands.view.releaseContrast();
        }
        onTranslationChanged: delta => hands.view.dragContrast(delta.y)
    }

    TapHandler {
        onDoubleTapped: hands.view.viewer.autoContrast()
    }
}
