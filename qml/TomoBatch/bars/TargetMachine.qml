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

        Combo {
            objectName: "machine"
            name: qsTr("Target Machine")
            width: 130 * Theme.scale
            model: App.queue.machines
            currentIndex: App.queue.machines.indexOf(App.queue.machine)
            onActivated: index => App.queue.machine = textAt(index)
        }
    }

    Column {
        spacing: 3

        Words {
            text: App.queue.engineMissing ? "▲ " + qsTr("Engine") : qsTr("Engine")
            color: App.queue.engineMissing ? Theme.bad : Theme.dim
            font.pixelSize: Theme.small
        }

        Combo {
            objectName: "engine"
            name: qsTr("Engine")
            width: 140 * Theme.scale
            model: App.queue.engines
            currentIndex: App.queue.engineChoice
            onActivated: index => App.queue.engineChoice = index
        }
    }

    Column {
        spacing: 3

        Words {
            objectName: "slotsNote"
            width: Math.min(implicitWidth, 380 * Theme.scale)
            text: !target.compact && App.queue.slotsNote.length > 0 ? qsTr("GPUs per machine") + " · " + App.queue.slotsNote : qsTr("GPUs per machine")
            color: Theme.dim
            font.pixelSize: Theme.small
        }

        Spin {
            objectName: "slots"
            name: qsTr("GPUs per machine")
            value: App.queue.slotCount
            onPicked: value => App.queue.slotCount = value
        }
    }
}
