import QtQuick
import TomoBatch
import TomoBatch.Program

// Where jobs run, by which engine, and how many at a time.
Row {
    id: target

    property bool compact: false
    // Where all of the bar would not fit: no choice is wider than it must be.
    property bool tight: false
    readonly property int choice: Math.round(150 * Theme.scale)
    // "Any machine" is to be read whole.
    readonly property int machineWidth: Math.round(176 * Theme.scale)
    readonly property real bareWidth: machineWidth + choice + slots.implicitWidth + 2 * spacing
    readonly property real naturalWidth: machineWidth + choice + Math.max(slots.implicitWidth, heading.implicitWidth) + 2 * spacing

    spacing: Theme.apart

    Column {
        spacing: 3

        Words {
            text: qsTr("Target Machine")
            color: Theme.dim
            font.pixelSize: Theme.small
        }

        MachineCombo {
            objectName: "machine"
            width: target.tight ? Math.round(133 * Theme.scale) : target.machineWidth
        }
    }

    Column {
        spacing: 3

        Words {
            text: App.target.engineMissing ? "▲ " + qsTr("Engine") : qsTr("Engine")
            color: App.target.engineMissing ? Theme.bad : Theme.dim
            font.pixelSize: Theme.small
        }

        Combo {
            objectName: "engine"
            enabled: !App.target.isAny
            name: qsTr("Engine")
            width: target.tight ? Math.round(126 * Theme.scale) : target.choice
            model: App.target.engines
            currentIndex: App.target.engineChoice
            onActivated: index => App.target.engineChoice = index
        }
    }

    Column {
        spacing: 3

        Words {
            id: heading

            objectName: "slotsNote"
            width: Math.min(implicitWidth, 380 * Theme.scale)
            text: !target.compact && App.target.slotsNote.length > 0 ? qsTr("GPUs per machine") + " · " + App.target.slotsNote : qsTr("GPUs per machine")
            color: Theme.dim
            font.pixelSize: Theme.small
        }

        Spin {
            id: slots

            objectName: "slots"
            enabled: App.target.canCount
            name: qsTr("GPUs per machine")
            value: App.target.slotCount
            onPicked: value => App.target.slotCount = value
        }
    }
}
