import QtQuick
import TomoBatch

// A state: colour, glyph and word together.
Rectangle {
    id: chip

    property color tone: Theme.dim
    property string glyph: ""
    property string text: ""
    // Too little room for one line: two small ones.
    property bool tight: false

    implicitWidth: mark.width + label.implicitWidth + 26
    implicitHeight: tight ? Math.ceil(Theme.small * 2.5) + 4 : Math.round(Theme.body * 1.25) + 8
    radius: Math.min(height / 2, 16)
    color: Theme.tint(tone, Theme.dark ? 0.17 : 0.12)
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Words {
        id: mark

        x: 10
        width: Math.round(Theme.body * 0.95)
        height: chip.height
        horizontalAlignment: Text.AlignHCenter
        text: chip.glyph
        color: chip.tone
        elide: Text.ElideNone
    }

    Words {
        id: label

        x: mark.x + mark.width + 6
        width: chip.width - x - 10
        height: chip.height
        text: chip.text
        color: chip.tone
        wrapMode: chip.tight ? Text.Wrap : Text.NoWrap
        maximumLineCount: 2
        font.pixelSize: chip.tight ? Theme.small : Theme.body
    }
}
