import QtQuick
import TomoBatch
import TomoBatch.Program

// Over a row that was taken off the list and is shown all the same: it can be put back, and nothing else.
Rectangle {
    id: over

    property int scanId: -1
    property string name: ""
    property bool ringed: false
    property real buttonX: 0

    signal reached

    color: Qt.alpha(Theme.ground, 0.55)

    MouseArea {
        anchors.fill: parent
        onClicked: over.reached()
    }

    Chip {
        anchors.right: back.left
        anchors.rightMargin: Theme.margin
        // Beside the state, not over the line below it.
        anchors.verticalCenter: parent.verticalCenter
        anchors.verticalCenterOffset: -Math.round(0.4 * implicitHeight)
        text: qsTr("Off the list")
        glyph: "🛇"
        tone: Theme.dim
    }

    CellButton {
        id: back

        objectName: "putBack" + over.scanId
        x: over.buttonX
        y: (over.height - height) / 2
        width: implicitContentWidth + 32
        ringed: over.ringed
        face: qsTr("Put back")
        text: qsTr("Put %1 back on the list").arg(over.name)
        onClicked: App.removal.putBack(over.scanId)
    }
}
