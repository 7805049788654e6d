import QtQuick
import TomoBatch

// Runs a job that ran out of GPU memory once more. It comes where Cancel was: a tap meant for that does nothing.
ActionButton {
    id: control

    property bool ringed: false
    property bool met: false

    focusPolicy: Qt.NoFocus
    leftPadding: 8
    rightPadding: 8
    topPadding: 2
    bottomPadding: 2
    meaning: met ? text : ""
    font.pixelSize: Theme.small
    Component.onCompleted: Qt.callLater(() => control.met = true)

    contentItem: Words {
        text: control.text
        color: control.ink
        font: control.font
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        maximumLineCount: 2
    }

    FocusRing {
        shown: control.ringed
    }
}
