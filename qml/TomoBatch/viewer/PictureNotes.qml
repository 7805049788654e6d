pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core

// Quiet words over the picture: about the whole, which can be put away, and about a slice that has nothing in it.
Item {
    id: notes

    required property Viewer viewer
    readonly property Said said: viewer.said

    Rectangle {
        width: Math.min(parent.width, words.implicitWidth + away.width + 2 * Theme.gap)
        height: Math.max(away.height, words.implicitHeight + Theme.gap)
        visible: words.text.length > 0
        radius: Theme.radius / 2
        color: Theme.tint(Theme.ground, 0.75)

        Words {
            id: words

            objectName: "viewerNote"
            x: Theme.gap
            width: parent.width - away.width - x
            height: parent.height
            text: notes.said.note
            wrapMode: Text.Wrap
            elide: Text.ElideNone
            font.pixelSize: Theme.small
        }

        IconButton {
            id: away

            objectName: "viewerNoteAway"
            anchors.right: parent.right
            kind: "quiet"
            glyph: "✕"
            text: "Put this note away"
            font.pixelSize: Theme.body
            onClicked: notes.said.putAway()
        }
    }

    OverPicture {
        objectName: "viewerEmpty"
        anchors.centerIn: parent
        maximumWidth: parent.width
        text: notes.said.empty
        size: Theme.large
        visible: text.length > 0
    }
}
