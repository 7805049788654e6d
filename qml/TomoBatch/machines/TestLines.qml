pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// What a test of the connection has found: a line each, and what to do about it.
Column {
    id: lines

    readonly property bool any: App.machines.editor.tested.length > 0

    spacing: 12

    Words {
        width: lines.width
        visible: !lines.any
        wrapMode: Text.Wrap
        text: qsTr("Test connection asks the machine as it is in the fields, before anything is saved: whether it is reached, its engine, its GPUs, and whether it sees the open folder.")
        color: Theme.dim
    }

    Words {
        objectName: "testStale"
        width: lines.width
        visible: App.machines.editor.stale
        wrapMode: Text.Wrap
        text: "▲  " + qsTr("The fields have changed since: test it again.")
        color: Theme.warn
    }

    Repeater {
        model: App.machines.editor.tested

        Item {
            id: line

            required property int index
            required property var modelData
            readonly property color tone: Theme.signColors[modelData.sign] ?? Theme.dim

            objectName: "testLine" + index
            width: lines.width
            height: topic.height + (said.visible ? said.height + 1 : 0) + (remedy.visible ? remedy.height + 2 : 0)
            opacity: App.machines.editor.stale ? 0.6 : 1
            Accessible.role: Accessible.ListItem
            Accessible.name: [modelData.topic, modelData.words, modelData.remedy].join(" ")

            Words {
                id: mark

                width: Math.round(Theme.body * 1.3)
                height: topic.height
                horizontalAlignment: Text.AlignHCenter
                text: Theme.signGlyphs[line.modelData.sign] ?? ""
                color: line.tone
            }

            Words {
                id: topic

                x: mark.width + 8
                width: line.width - x
                text: line.modelData.topic
                strong: true
                color: line.modelData.sign === "not-yet" ? Theme.dim : line.tone
            }

            Words {
                id: said

                objectName: "testWords" + line.index
                x: topic.x
                y: topic.height + 1
                width: topic.width
                visible: text.length > 0
                wrapMode: Text.Wrap
                text: line.modelData.words
                color: line.modelData.sign === "unasked" ? Theme.dim : Theme.text
            }

            Words {
                id: remedy

                x: topic.x
                y: said.y + said.height + 2
                width: topic.width
                visible: line.modelData.remedy.length > 0
                wrapMode: Text.Wrap
                text: "→ " + line.modelData.remedy
                color: line.tone
            }
        }
    }
}
