pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// Selecting those of the shown rows that need something, by one tap each; in little room from a list.
Row {
    id: some

    property bool compact: false
    readonly property var lines: [
        {
            key: "failed",
            text: qsTr("Select failed (%1)").arg(App.tally.failed),
            off: App.tally.failed === 0
        },
        {
            key: "withoutCor",
            text: qsTr("Select without COR (%1)").arg(App.tally.withoutCor),
            off: App.tally.withoutCor === 0
        },
        {
            key: "withoutFull",
            text: qsTr("Select without Full (%1)").arg(App.tally.withoutFull),
            off: App.tally.withoutFull === 0
        }
    ]

    spacing: Theme.gap

    Repeater {
        model: some.compact ? 0 : 3

        ActionButton {
            required property int index
            readonly property var what: some.lines[index]

            objectName: "select_" + what.key
            text: what.text
            meaning: what.key
            enabled: !what.off
            onClicked: App.selection.where(what.key)
        }
    }

    ActionButton {
        objectName: "selectSome"
        visible: some.compact
        text: qsTr("Select ▾")
        enabled: App.scans.shownCount > 0
        onClicked: choices.opened ? choices.close() : choices.open()

        Choices {
            id: choices

            objectName: "select"
            name: qsTr("Select those that")
            implicitWidth: Math.ceil(Theme.body * 18)
            lines: some.lines
            onPicked: key => App.selection.where(key)
        }
    }
}
