import QtQuick
import TomoBatch
import TomoBatch.Core

// A handle of the contrast, for the keyboard: up and down move it.
Item {
    id: handle

    required property SliceView view
    required property string which
    required property string name
    required property real at

    y: Math.max(0, Math.min(view.height, at)) - height / 2
    height: 20
    width: parent?.width ?? 0
    activeFocusOnTab: true
    Accessible.role: Accessible.Slider
    Accessible.name: name
    Accessible.focusable: true
    onActiveFocusChanged: {
        if (!activeFocus)
            view.releaseContrast();
    }
    Keys.onUpPressed: view.nudgeContrast(which, 1)
    Keys.onDownPressed: view.nudgeContrast(which, -1)

    FocusRing {
        shown: handle.activeFocus
        reach: 0
    }
}
