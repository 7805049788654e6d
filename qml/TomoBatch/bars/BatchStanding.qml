import QtQuick
import TomoBatch
import TomoBatch.Program

// How the batch stands: counts, bar, time left, what waits; and, to be seen from afar, that nothing starts, and why.
Item {
    id: standing

    property string note: ""
    // Room for two lines of counts, whether or not they need them today.
    property bool folded: false
    readonly property bool still: App.queue.standstill.length > 0
    readonly property int inset: still ? 12 : 0

    implicitHeight: counts.height + bar.height + below.height + 10 + (still ? why.height + 4 + 2 * 8 : 0)

    Rectangle {
        objectName: "standstill"
        anchors.fill: parent
        visible: standing.still
        radius: Theme.radius
        color: Theme.tint(Theme.warn, Theme.dark ? 0.22 : 0.16)
        border.width: 2
        border.color: Theme.warn
        Accessible.role: Accessible.AlertMessage
        Accessible.name: App.queue.standstill
    }

    FontMetrics {
        id: oneLine

        font: counts.font
    }

    Words {
        id: why

        objectName: "standstillText"
        x: standing.inset
        y: 8
        width: standing.width - 2 * standing.inset
        visible: standing.still
        text: (App.queue.paused ? "⏸  " : "▲  ") + App.queue.standstill
        color: Theme.warn
        strong: true
        wrapMode: Text.Wrap
        maximumLineCount: 2
        font.pixelSize: Theme.large
    }

    Words {
        id: counts

        objectName: "statusText"
        x: standing.inset
        y: standing.still ? why.y + why.height + 4 : 0
        width: Math.min(implicitWidth, standing.width - 2 * x)
        height: standing.folded ? Math.max(implicitHeight, 2 * oneLine.height) : implicitHeight
        verticalAlignment: Text.AlignBottom
        wrapMode: standing.folded ? Text.Wrap : Text.NoWrap
        maximumLineCount: 2
        text: App.queue.statusText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    Words {
        id: failed

        objectName: "trouble"
        x: counts.x + counts.width + 14
        y: counts.y
        height: counts.height
        width: Math.min(implicitWidth, standing.width - standing.inset - x)
        // Cut down to nothing it says nothing; Retry beside it has the number.
        visible: text.length > 0 && (width >= implicitWidth || width > 120)
        text: App.queue.trouble.length > 0 ? "✕ " + App.queue.trouble : ""
        color: Theme.bad
        Accessible.role: Accessible.StaticText
        Accessible.name: App.queue.trouble
    }

    Words {
        id: left

        objectName: "timeLeft"
        anchors.right: parent.right
        anchors.rightMargin: standing.inset
        y: counts.y
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
        x: standing.inset
        width: parent.width - 2 * x
        value: App.queue.progress
        tone: standing.still || App.queue.trouble.length > 0 ? Theme.warn : Theme.good
    }

    Words {
        id: below

        objectName: "queueText"
        anchors.top: bar.bottom
        anchors.topMargin: 5
        x: standing.inset
        width: parent.width - 2 * x
        text: [left.visible ? "" : App.queue.timeLeft, App.queue.queueText, App.queue.spaceText, standing.note, App.queue.elsewhere].filter(part => part.length > 0).join(" · ")
        color: Theme.dim
        font.pixelSize: Theme.small
    }
}
