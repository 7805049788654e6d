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
            required property bool busy
            required property bool waiting
            readonly property color ink: waiting ? Theme.warn : busy ? Theme.accent : Theme.dim

            objectName: "tile" + index
            width: Math.max((tiles.compact ? 230 : 250) * Theme.scale, Math.min(480 * Theme.scale, Math.floor((list.width - Theme.gap * (list.count - 1)) / list.count)))
            height: list.height
            radius: Theme.radius
            color: Theme.panel
            border.width: 1
            border.color: waiting ? Theme.warn : Theme.line
            Accessible.role: Accessible.ListItem
            Accessible.name: title + ": " + job

            Words {
                id: head

                x: 14
                y: !tiles.compact ? 11 : tile.busy ? 6 : (tile.height - height) / 2
                width: tiles.compact ? Math.min(Math.ceil(measure.advanceWidth) + 2, tile.width * 0.5) : tile.width - 40 - used.implicitWidth
                text: tile.title
                color: tile.ink
                strong: true
                font.pixelSize: tiles.compact ? Theme.small : Math.round(Theme.body * 0.94)

                // Not the text's own wish for width, which would ask for itself.
                TextMetrics {
                    id: measure

                    font: head.font
                    text: tile.title
                }
            }

            Words {
                id: used

                anchors.right: parent.right
                anchors.rightMargin: 14
                anchors.baseline: head.baseline
                visible: !tiles.compact && text.length > 0
                text: tile.memory
                color: Theme.dim
                font.pixelSize: Theme.small
            }

            Words {
                x: tiles.compact ? head.x + head.width + 10 : 14
                y: tiles.compact ? head.y : head.y + head.height + 4
                width: tile.width - x - 14
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
            }
        }
    }
}
