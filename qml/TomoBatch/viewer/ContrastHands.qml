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

    ContrastHandle {
        objectName: "contrastLowHandle"
        view: hands.view
        which: "lower"
        name: "Low limit of the contrast"
        at: hands.view.lowerY
    }

    ContrastHandle {
        objectName: "contrastHighHandle"
        view: hands.view
        which: "upper"
        name: "High limit of the contrast"
        at: hands.view.upperY
    }

    TapHandler {
        onDoubleTapped: hands.view.viewer.autoContrast()
    }
}
