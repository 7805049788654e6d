import QtQuick
import TomoBatch
import TomoBatch.Program

// Where jobs run, the two batch buttons, how the batch stands, Retry, Pause, Stop.
Rectangle {
    id: bar

    property bool compact: false
    // While a picture fills the window, only how the batch stands is of use, and Pause and Stop.
    property bool slim: false
    // What stands in one line beside how the batch stands; Retry counts whether or not it is there, or the buttons would
    // move when a job fails.
    readonly property real others: 2 * target.x + target.bareWidth + runs.width + control.width + (retryButton.visible ? 0 : retryButton.implicitWidth + Theme.apart) + 3 * Theme.apart
    // Two lines for the counts take less than a second line of buttons, which comes where not even that is enough.
    readonly property bool stacked: compact || others + foldedWords.width > width
    readonly property bool folded: !stacked && others + leastWords.width > width
    // Stop keeps its distance from the run buttons when it comes to lie under them.
    readonly property int lineGap: runs.x + runs.width + Theme.apart > control.x ? Theme.apart : Theme.gap
    // At big text in a small window the words of the run buttons take two lines.
    readonly property bool tight: compact && 2 * target.x + target.naturalWidth + Theme.apart + Theme.gap + tryWords.width + fullWords.width + 68 > width
    readonly property real runWidth: (width - target.x - runs.x - Theme.gap) / 2
    readonly property int second: slim ? 10 : 9 + target.height + lineGap
    readonly property int lowest: stacked ? second + Math.max(control.height, standing.height) : 9 + Math.max(target.height, standing.height)

    signal stopWanted

    implicitHeight: lowest + 10
    color: Theme.panel
    Accessible.role: Accessible.ToolBar
    Accessible.name: qsTr("Batch")

    // A batch of some size, in the words of its status.
    TextMetrics {
        id: leastWords

        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: qsTr("Completed 888/888 | Running: 88 | Queue: 888")
    }

    TextMetrics {
        id: foldedWords

        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: qsTr("Completed 888/888 | Running:")
    }

    TextMetrics {
        id: tryWords

        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: tryButton.text
    }

    TextMetrics {
        id: fullWords

        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: fullButton.text
    }

    TargetMachine {
        id: target

        visible: !bar.slim
        x: Theme.margin + 4
        y: bar.stacked ? 9 : Math.round((bar.height - 1 - height) / 2)
        compact: bar.stacked || bar.folded
        tight: bar.tight
    }

    Row {
        id: runs

        visible: !bar.slim
        x: target.x + target.width + Theme.apart
        y: target.y + target.height - height
        spacing: Theme.gap

        ActionButton {
            id: tryButton

            objectName: "runTry"
            wraps: bar.tight
            width: bar.tight ? bar.runWidth : implicitWidth
            height: bar.tight ? target.height : implicitHeight
            text: qsTr("Run Try on Selected")
            enabled: App.ready && App.selection.count > 0
            onClicked: App.runs.ask("try")
        }

        ActionButton {
            id: fullButton

            objectName: "runFull"
            wraps: bar.tight
            width: bar.tight ? bar.runWidth : implicitWidth
            height: bar.tight ? target.height : implicitHeight
            kind: "primary"
            text: qsTr("Run Full on Selected")
            enabled: App.ready && App.selection.count > 0
            onClicked: App.runs.ask("full")
        }
    }

    BatchStanding {
        id: standing

        note: target.compact ? App.target.slotsNote : ""
        folded: bar.folded
        x: bar.stacked ? target.x : runs.x + runs.width + Theme.apart
        y: bar.stacked ? bar.second + Math.max(0, control.height - height) / 2 : (bar.height - height) / 2
        width: control.x - Theme.apart - x
    }

    Row {
        id: control

        x: bar.width - width - Theme.margin - 4
        y: bar.stacked ? bar.second + Math.max(0, standing.height - height) / 2 : runs.y
        spacing: Theme.apart

        ActionButton {
            id: retryButton

            objectName: "retry"
            visible: App.runs.retryCount > 0
            text: qsTr("Retry failed (%1)").arg(App.runs.retryCount)
            meaning: "retry"
            onClicked: App.runs.retry()
        }

        ActionButton {
            objectName: "pause"
            kind: App.queue.paused ? "primary" : "plain"
            glyph: App.queue.paused ? "▶" : "⏸"
            text: App.queue.paused ? qsTr("Go on") : qsTr("Pause")
            enabled: App.ready && (App.queue.paused || App.queue.active)
            onClicked: App.queue.paused ? App.queue.goOn() : App.queue.pause()
        }

        ActionButton {
            objectName: "stop"
            kind: App.queue.active ? "danger" : "plain"
            glyph: "⏹"
            text: qsTr("Stop")
            enabled: App.queue.active
            onClicked: bar.stopWanted()
        }
    }
}
