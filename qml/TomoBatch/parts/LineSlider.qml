import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A slider for a thumb in a glove: the whole 48 px are the handle's.
T.Slider {
    id: control

    implicitWidth: 200
    implicitHeight: Theme.target
    leftPadding: 2
    rightPadding: 2
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.Slider

    handle: Rectangle {
        x: control.leftPadding + control.visualPosition * (control.availableWidth - width)
        y: (control.height - height) / 2
        width: 34
        height: 34
        radius: 17
        color: !control.enabled ? Theme.faint : control.pressed ? Theme.accentPressed : control.hovered ? Theme.accentHovered : Theme.accent
        border.width: 3
        border.color: Theme.panel

        FocusRing {
            shown: control.visualFocus
            radius: height / 2
        }
    }

    background: Rectangle {
        x: control.leftPadding
        y: (control.height - height) / 2
        width: control.availableWidth
        height: 6
        radius: 3
        color: Theme.dark ? Theme.raised : Theme.line

        Rectangle {
            width: control.handle.x + 17 - control.leftPadding
            height: parent.height
            radius: 3
            color: control.enabled ? Theme.accent : Theme.faint
        }
    }
}
