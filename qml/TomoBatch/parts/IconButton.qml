import QtQuick
import TomoBatch

// A square button with a glyph; `text` is what it is called.
ActionButton {
    id: control

    property bool round: false

    implicitWidth: Theme.target
    implicitHeight: Theme.target
    leftPadding: 4
    rightPadding: 4
    font.pixelSize: Theme.large

    contentItem: Words {
        text: control.glyph
        color: control.ink
        font: control.font
        horizontalAlignment: Text.AlignHCenter
        elide: Text.ElideNone
    }

    background: Rectangle {
        radius: control.round ? height / 2 : Theme.radius
        color: control.fill()
        border.width: Theme.border
        border.color: control.edge()

        FocusRing {
            shown: control.visualFocus
            radius: control.round ? height / 2 : Theme.radius + reach
        }
    }

    Hint {
        text: control.text
        shown: control.hovered && !control.down
    }
}
