pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// In place of a picture: why there is none, and what can be done.
Rectangle {
    id: message

    required property Viewer viewer
    required property color ground
    readonly property Said said: viewer.said
    readonly property bool wrong: viewer.state === "error"

    function follow() {
        if (said.offer === "view")
            viewer.show(viewer.scanId, "try");
        else
            App.runs.run(said.offer, viewer.scanId);
    }

    color: ground
    border.width: Theme.border
    border.color: Theme.line

    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.apart
        spacing: Theme.apart

        Words {
            objectName: "viewerMessage"
            width: parent.width
            text: message.wrong ? "▲ " + message.viewer.message : "Press View Try or View Full on a scan, or choose a file above."
            color: message.wrong ? Theme.warn : Theme.dim
            font.pixelSize: Theme.large
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }

        Words {
            objectName: "viewerStanding"
            width: parent.width
            visible: text.length > 0
            text: message.said.standing
            color: Theme.info
            font.pixelSize: Theme.large
            horizontalAlignment: Text.AlignHCenter
        }

        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: Theme.gap

            ActionButton {
                objectName: "viewerOffer"
                implicitHeight: 56
                visible: message.said.offer.length > 0
                kind: "primary"
                text: message.said.offer === "view" ? "View Try" : message.said.offer === "try" ? "Try" : "Full"
                Accessible.description: "Of " + message.viewer.fileName
                onClicked: message.follow()
            }

            // Not "Try again": a Try is something else.
            ActionButton {
                objectName: "readAgain"
                implicitHeight: 56
                visible: message.said.canReadAgain
                text: "Read again"
                onClicked: message.said.readAgain()
            }
        }
    }
}
