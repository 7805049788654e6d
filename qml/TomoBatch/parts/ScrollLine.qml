import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A scroll bar: there while there is something to scroll, wide enough for a thumb.
T.ScrollBar {
    id: control

    implicitWidth: 14
    implicitHeight: 14
    padding: 3
    minimumSize: 0.06
    visible: size < 1

    contentItem: Rectangle {
        radius: Math.min(width, height) / 2
        color: control.pressed ? Theme.accent : control.hovered ? Theme.dim : Theme.outline
    }
}
