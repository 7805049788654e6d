pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// Folders that the machine has under another name: here → there.
Column {
    id: pairs

    spacing: Theme.gap

    Repeater {
        model: App.machines.editor.pairCount

        Item {
            id: pair

            required property int index
            readonly property var paths: App.machines.editor.pairs[index] ?? {}
            readonly property real half: (width - arrow.width - drop.width - 3 * Theme.gap) / 2

            width: pairs.width
            height: here.height

            Field {
                id: here

                objectName: "pairHere" + pair.index
                width: pair.half
                text: pair.paths.here ?? ""
                placeholderText: qsTr("/data here")
                Accessible.name: qsTr("Folder here")
                onTextEdited: App.machines.editor.setPair(pair.index, "here", text)
            }

            Words {
                id: arrow

                x: here.width + Theme.gap
                height: here.height
                text: "→"
                color: Theme.dim
            }

            Field {
                objectName: "pairThere" + pair.index
                x: arrow.x + arrow.width + Theme.gap
                width: pair.half
                text: pair.paths.there ?? ""
                placeholderText: qsTr("/mnt/data there")
                Accessible.name: qsTr("The same folder there")
                onTextEdited: App.machines.editor.setPair(pair.index, "there", text)
            }

            IconButton {
                id: drop

                objectName: "pairRemove" + pair.index
                x: pair.width - width
                height: here.height
                glyph: "✕"
                text: qsTr("Take these folders away")
                onClicked: App.machines.editor.removePair(pair.index)
            }
        }
    }

    ActionButton {
        objectName: "pairAdd"
        kind: "quiet"
        glyph: "+"
        text: qsTr("Add a folder")
        onClicked: App.machines.editor.addPair()
    }
}
