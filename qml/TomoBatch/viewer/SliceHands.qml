import QtQuick
import TomoBatch.Core

// Hands on the picture: wheel steps, Ctrl and wheel or two fingers zoom, the mouse drags, two taps fit. One finger
// goes through the slices while all of the picture is seen, else it drags.
Item {
    id: hands

    required property SliceView view
    readonly property Travel travel: view.viewer.travel

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
        id: pinch

        target: null
        onActiveChanged: hands.travel.drop()
        onScaleChanged: delta => hands.view.zoomAt(centroid.position.x, centroid.position.y, delta)
        onTranslationChanged: delta => hands.view.pan(delta.x, delta.y)
    }

    DragHandler {
        target: null
        acceptedDevices: PointerDevice.Mouse | PointerDevice.TouchPad | PointerDevice.Stylus
        onTranslationChanged: delta => hands.view.pan(delta.x, delta.y)
    }

    DragHandler {
        target: null
        acceptedDevices: PointerDevice.TouchScreen
        onActiveChanged: {
            if (active)
                hands.travel.grab();
            else if (pinch.active)
                hands.travel.drop();
            else
                hands.travel.letGo();
        }
        onTranslationChanged: delta => hands.travel.draw(delta.x, delta.y)
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

    // One for both: of two siblings Qt gives a point to the first alone.
    PointHandler {
        onActiveChanged: {
            if (active)
                hands.travel.halt();
        }
        onPointChanged: {
            if (active)
                hands.view.pointAt(point.position.x, point.position.y);
        }
    }
}
