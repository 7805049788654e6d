pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// A tile for each GPU: what runs there and how far it is. Small windows show chips of one line.
Item {
    id: tiles

    property bool compact: false

    implicitHeight: list.count === 0 ? 0 : list.height + 16

    ListView {
        id: list

        objectName: "tiles"
        x: Theme.margin
        y: 8
        width: parent.width - 2 * Theme.margin
        height: tiles.compact ? Math.round(Theme.small * 1.3) + 22 : Math.round(Theme.body * 2.6) + 32
        orientation: ListView.Horizontal
        spacing: Theme.gap
        clip: true
        interactive: contentWidth > width
        boundsBehavior: Flickable.StopAtBounds
        model: App.tiles
        Accessible.role: Accessible.List
        Accessible.name: qsTr("GPUs")

        delegate: Rectangle {
            id: tile

            required property int index
            required property string title
            required property string job
            required property real progress
            required property string memory
            required property string use
            required property string model
            required property bool busy
            required property bool waiting
            required property bool lost
            readonly property color ink: waiting || lost ? Theme.warn : busy ? Theme.accent : Theme.dim

            objectName: "tile" + index
            width: Math.max((tiles.compact ? 230 : 250) * Theme.scale, Math.min(480 * Theme.scale, Math.floor((list.width - Theme.gap * (list.count - 1)) / list.count)))
            height: list.height
            radius: Theme.radius
            color: Theme.panel
            border.width: 1
            border.color: waiting || lost ? Theme.warn : Theme.line
            Accessible.role: Accessible.ListItem
            Accessible.name: [title + ": " + job, model, memory, use].filter(Boolean).join(", ")

            Words {
                id: head

                x: 14
                y: !tiles.compact ? 11 : tile.busy ? 6 : (tile.height - height) / 2
                width: Math.min(Math.ceil(measure.advanceWidth) + 2, tiles.compact ? tile.width * 0.5 : tile.width - 40 - held.width)
                text: measure.text
                color: tile.ink
                strong: true
                font.pixelSize: tiles.compact ? Theme.small : Math.round(Theme.body * 0.94)

                // Not the text's own wish for width, which would ask for itself.
                TextMetrics {
                    id: measure

                    font: head.font
                    text: (tile.lost ? "▲ " : "") + tile.title
                }
            }

            Words {
                objectName: "tileModel" + tile.index
                anchors.left: head.right
                anchors.leftMargin: 10
                anchors.baseline: head.baseline
                // Whole or not at all: half a name says nothing.
                visible: !tiles.compact && text.length > 0 && head.x + head.width + 20 + implicitWidth < held.x
                text: tile.model
                color: Theme.dim
                font.pixelSize: Theme.small
            }

            Words {
                id: held

                objectName: "tileMemory" + tile.index
                // A chip says which scan runs first of all.
                readonly property bool room: !tiles.compact || !tile.busy || tile.width >= 370 * Theme.scale

                anchors.right: parent.right
                anchors.rightMargin: 14
                anchors.baseline: head.baseline
                width: room ? implicitWidth : 0
                visible: room
                text: tile.memory
                color: tile.lost ? Theme.warn : Theme.dim
                font.pixelSize: Theme.small
            }

            Words {
                id: used

                objectName: "tileUse" + tile.index
                anchors.right: parent.right
                anchors.rightMargin: 14
                anchors.baseline: what.baseline
                visible: !tiles.compact
                text: tile.use
                color: Theme.dim
                font.pixelSize: Theme.small
            }

            Words {
                id: what

                x: tiles.compact ? head.x + head.width + 10 : 14
                y: tiles.compact ? head.y : head.y + head.height + 4
                width: (tiles.compact ? held.x - (held.width > 0 ? 10 : 0) : used.x - (used.width > 0 ? 10 : 0)) - x
                text: tile.job
                color: tile.busy ? Theme.text : Theme.dim
                elide: Text.ElideMiddle
                font.pixelSize: tiles.compact ? Theme.small : Math.round(Theme.body * 0.94)
            }

            Bar {
                x: 14
                anchors.bottom: parent.bottom
                anchors.bottomMargin: tiles.compact ? 5 : 10
                width: tile.width - 28
                height: tiles.compact ? 3 : 5
                visible: tile.busy
                value: tile.progress
                tone: tile.lost ? Theme.warn : Theme.accent
            }
        }
    }
}
