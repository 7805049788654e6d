import QtQuick
import TomoBatch
import TomoBatch.Program

// How the batch stands: counts, bar, time left, what waits.
Item {
    id: standing

    property string note: ""

    implicitHeight: counts.height + bar.height + below.height + 10

    Words {
        id: counts

        objectName: "statusText"
        width: Math.min(implicitWidth, standing.width)
        text: App.queue.statusText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    Words {
        id: failed

        objectName: "trouble"
        x: counts.width + 14
        height: counts.height
        width: Math.min(implicitWidth, standing.width - x)
        visible: text.length > 0 && width > 40
        text: App.queue.trouble.length > 0 ? "✕ " + App.queue.trouble : ""
        color: Theme.bad
        Accessible.role: Accessible.StaticText
        Accessible.name: App.queue.trouble
    }

    Words {
        id: left

        objectName: "timeLeft"
        anchors.right: parent.right
        height: counts.height
        visible: failed.x + failed.implicitWidth + implicitWidth + 16 < standing.width
        text: App.queue.timeLeft
        color: Theme.dim
        font.pixelSize: Theme.small
    }

    Bar {
        id: bar

        objectName: "batchProgress"
        anchors.top: counts.bottom
        anchors.topMargin: 5
        width: parent.width
        value: App.queue.progress
        tone: App.queue.trouble.length > 0 ? Theme.warn : Theme.good
    }

    Words {
        id: below

        objectName: "queueText"
        anchors.bottom: parent.bottom
        width: parent.width
        text: [left.visible ? "" : App.queue.timeLeft, App.queue.queueText, App.queue.spaceText, standing.note, App.queue.elsewhere].filter(part => part.length > 0).join(" · ")
        color: Theme.dim
        font.pixelSize: Theme.small
    }
}
