import QtQuick
import TomoBatch.Core

// Hands on the picture: wheel steps, Ctrl and wheel or two fingers zoom, one drags, two taps fit.
Item {
    id: hands

    required property SliceView view

    signal touched

    WheelHandler {
        acceptedModifiers: Qt.NoModifier
        onWheel: event => hands.view.turn(event.angleDelta.y)
    }

    WheelHandler {
        acceptedModifiers: Qt.ControlModifier
        onWheel: event => hands.view.zoomTurn(event.x, event.y, event.angleDelta.y)
    }

    PinchHandler {
        target: null
        onScaleChanged: delta => hands.view.zoomAt(centroid.position.x, centroid.position.y, delta)
        onTranslationChanged: delta => hands.view.pan(delta.x, delta.y)
    }

    DragHandler {
        target: null
        onTranslationChanged: delta => hands.view.pan(delta.x, delta.y)
    }

    TapHandler {
        onTapped: hands.touched()
        onDoubleTapped: hands.view.viewer.fit()
    }

    HoverHandler {
        id: hover

        onPointChanged: hands.view.pointAt(point.position.x, point.position.y)
        onHoveredChanged: {
            if (!hovered)
                hands.view.pointAway();
        }
    }

    PointHandler {
        acceptedDevices: PointerDevice.TouchScreen
        onPointChanged: {
            if (active)
                hands.view.pointAt(point.position.x, point.position.y);
        }
    }
}
