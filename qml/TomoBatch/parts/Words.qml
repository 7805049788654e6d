import QtQuick
import TomoBatch

// Text of the window. Plain always: names and sentences come from outside.
Text {
    property bool strong: false
    property bool figures: false

    textFormat: Text.PlainText
    renderType: Text.NativeRendering
    color: Theme.text
    elide: Text.ElideRight
    verticalAlignment: Text.AlignVCenter
    font.family: figures ? Theme.mono : Theme.sans
    font.pixelSize: Theme.body
    font.bold: strong
}
