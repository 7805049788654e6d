import QtQuick
import TomoBatch
import TomoBatch.Program

// Where jobs run, the two batch buttons, how the batch stands, Stop.
Rectangle {
    id: bar

    property bool compact: false
    // While a picture fills the window, only how the batch stands is of use, and Stop.
    property bool slim: false
    // Stop keeps its distance from the run buttons when it comes to lie under them.
    readonly property int lineGap: runs.x + runs.width + Theme.apart > stop.x ? Theme.apart : Theme.gap
    readonly property int second: slim ? 10 : place.y + place.height + lineGap

    signal stopWanted

    implicitHeight: (compact ? second + Math.max(stop.height, standing.height) : place.y + place.height) + 10
    color: Theme.panel
    Accessible.role: Accessible.ToolBar
    Accessible.name: qsTr("Batch")

    Row {
        id: place

        visible: !bar.slim
        x: Theme.margin + 4
        y: 9
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
                width: 140 * Theme.scale
                model: App.queue.machines
                currentIndex: App.queue.machines.indexOf(App.queue.machine)
                onActivated: index => App.queue.machine = textAt(index)
            }
        }

        Column {
            spacing: 3

            Words {
                objectName: "slotsNote"
                text: !bar.compact && App.queue.slotsNote.length > 0 ? qsTr("GPUs per machine") + " · " + App.queue.slotsNote : qsTr("GPUs per machine")
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

    Row {
        id: runs

        visible: !bar.slim
        x: place.x + place.width + Theme.apart
        y: place.y + place.height - height
        spacing: Theme.gap

        ActionButton {
            objectName: "runTry"
            text: qsTr("Run Try on Selected")
            enabled: App.ready && App.selection.count > 0
            onClicked: App.queue.ask("try")
        }

        ActionButton {
            objectName: "runFull"
            kind: "primary"
            text: qsTr("Run Full on Selected")
            enabled: App.ready && App.selection.count > 0
            onClicked: App.queue.ask("full")
        }
    }

    BatchStanding {
        id: standing

        note: bar.compact ? App.queue.slotsNote : ""
        x: bar.compact ? place.x : runs.x + runs.width + Theme.apart
        y: bar.compact ? bar.second + Math.max(0, stop.height - height) / 2 : (bar.height - height) / 2
        width: stop.x - Theme.apart - x
    }

    ActionButton {
        id: stop

        objectName: "stop"
        x: bar.width - width - Theme.margin - 4
        y: bar.compact ? bar.second + Math.max(0, standing.height - height) / 2 : runs.y
        kind: App.queue.active ? "danger" : "plain"
        glyph: "⏹"
        text: qsTr("Stop")
        enabled: App.queue.active
        onClicked: bar.stopWanted()
    }
}
