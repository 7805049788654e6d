pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The best candidates side by side, for a thumb in a glove: a tap on a picture shows it, one on its button takes it.
FocusScope {
    id: wall

    readonly property Picking picking: App.picking
    readonly property list<int> indices: picking.wall.indices
    readonly property int button: Math.round(Math.max(64, 44 * Theme.scale))
    readonly property int below: button + 2 * Theme.gap
    readonly property int room: field.height - Theme.gap
    readonly property int columns: best(field.width, room)
    readonly property int side: sideWith(columns, field.width, room)

    property bool hung: false

    signal closed

    function sideWith(columns: int, width: real, height: real): int {
        const rows = Math.ceil(Math.max(1, indices.length) / columns);
        return Math.floor(Math.max(64, Math.min((width + Theme.gap) / columns - Theme.gap, (height + Theme.gap) / rows - Theme.gap - below)));
    }

    // As many side by side as makes them largest.
    function best(width: real, height: real): int {
        let found = 1;
        for (let columns = 2; columns <= Math.max(1, indices.length); columns++)
            if (sideWith(columns, width, height) > sideWith(found, width, height))
                found = columns;
        return found;
    }

    visible: indices.length > 0
    Accessible.role: Accessible.Pane
    Accessible.name: "Best candidates"
    // Not when it is hidden with all around it: then nobody left it.
    onIndicesChanged: {
        const hangs = indices.length > 0;
        if (hangs && !hung)
            forceActiveFocus(Qt.OtherFocusReason);
        else if (hung && !hangs)
            closed();
        hung = hangs;
    }
    Keys.onEscapePressed: picking.wall.close()

    Rectangle {
        anchors.fill: parent
        color: Theme.panel

        MouseArea {
            anchors.fill: parent
            onWheel: wheel => wheel.accepted = true
        }
    }

    Words {
        id: title

        anchors.left: parent.left
        anchors.right: close.left
        anchors.rightMargin: Theme.gap
        height: close.height
        text: "The best that lie at least 1 px apart: tap one to see it large, or use its COR at once"
        color: Theme.dim
    }

    IconButton {
        id: close

        objectName: "closeWall"
        anchors.right: parent.right
        width: 64
        height: 64
        glyph: "✕"
        text: "Close"
        onClicked: wall.picking.wall.close()
    }

    Item {
        id: field

        anchors.top: close.bottom
        anchors.topMargin: Theme.gap
        anchors.bottom: parent.bottom
        width: parent.width

        Flow {
            anchors.centerIn: parent
            width: wall.columns * (wall.side + Theme.gap) - Theme.gap
            spacing: Theme.gap

            Repeater {
                model: wall.indices

                Item {
                    id: tile

                    required property int modelData
                    readonly property string cor: wall.picking.corText(modelData)
                    readonly property bool best: wall.picking.isBest(modelData)

                    width: wall.side
                    height: wall.side + wall.below

                    WallPicture {
                        id: picture

                        width: wall.side
                        height: wall.side
                        wall: wall.picking.wall
                        candidate: tile.modelData
                        ground: Theme.dark ? Theme.field : Theme.raised

                        Words {
                            anchors.fill: parent
                            anchors.margins: Theme.gap
                            visible: text.length > 0
                            text: picture.problem
                            color: Theme.warn
                            wrapMode: Text.Wrap
                            horizontalAlignment: Text.AlignHCenter
                        }

                        OverPicture {
                            x: 4
                            y: 4
                            text: tile.best ? tile.cor + " · best" : tile.cor
                            maximumWidth: wall.side - 8
                        }

                        Rectangle {
                            anchors.fill: parent
                            color: "transparent"
                            border.width: tile.best ? 3 : Theme.border
                            border.color: tile.best ? Theme.good : Theme.line
                        }

                        MouseArea {
                            objectName: "wallPicture" + tile.modelData
                            anchors.fill: parent
                            enabled: !use.settling
                            onClicked: wall.picking.look(tile.modelData)
                        }
                    }

                    ActionButton {
                        id: use

                        objectName: "wallUse" + tile.modelData
                        y: wall.side + Theme.gap
                        width: wall.side
                        height: wall.button
                        leftPadding: 4
                        rightPadding: 4
                        text: "Use " + tile.cor
                        meaning: text + wall.picking.wall.openings
                        kind: tile.best ? "primary" : "plain"
                        onClicked: wall.picking.use(tile.modelData)
                    }
                }
            }
        }
    }
}
