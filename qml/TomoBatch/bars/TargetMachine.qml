import QtQuick
import TomoBatch
import TomoBatch.Program

// Where jobs run, by which engine, and how many at a time.
Row {
    id: target

    property bool compact: false

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
            width: 150 * Theme.scale
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
            width: 150 * Theme.scale
            model: App.target.engines
            currentIndex: App.target.engineChoice
            onActivated: index => App.target.engineChoice = index
        }
    }

    Column {
        spacing: 3

        Words {
            objectName: "slotsNote"
            width: Math.min(implicitWidth, 380 * Theme.scale)
            text: !target.compact && App.target.slotsNote.length > 0 ? qsTr("GPUs per machine") + " · " + App.target.slotsNote : qsTr("GPUs per machine")
            color: Theme.dim
            font.pixelSize: Theme.small
        }

        Spin {
            objectName: "slots"
            enabled: !App.target.isAny
            name: qsTr("GPUs per machine")
            value: App.target.slotCount
            onPicked: value => App.target.slotCount = value
        }
    }
}
