import QtQuick
import TomoBatch
import TomoBatch.Program

// One event: when, how bad, what. *Output* where a job wrote something.
Rectangle {
    id: line

    required property int index
    required property int entryId
    required property string time
    required property string level
    required property string text
    required property string jobId
    required property string details
    property bool ringed: false

    signal reached

    function open() {
        if (jobId.length > 0)
            App.log.jobOutput(jobId);
    }

    objectName: "logLine" + entryId
    height: Math.max(Theme.target + Theme.gap, words.height + 16)
    color: ringed ? Theme.selection : "transparent"
    Accessible.role: Accessible.ListItem
    Accessible.name: time + " " + text

    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.line
    }

    Words {
        id: when

        x: Theme.margin + 6
        height: parent.height
        text: line.time
        figures: true
        color: Theme.dim
        font.pixelSize: Theme.small
    }

    Words {
        id: mark

        anchors.left: when.right
        anchors.leftMargin: 14
        width: Theme.body * 1.2
        height: parent.height
        text: Theme.levelGlyphs[line.level] ?? ""
        color: Theme.levelColors[line.level] ?? Theme.dim
        font.pixelSize: Theme.small
    }

    Column {
        id: words

        anchors.left: mark.right
        anchors.leftMargin: 6
        anchors.right: output.visible ? output.left : parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter

        Words {
            width: parent.width
            text: line.text
            wrapMode: Text.Wrap
            maximumLineCount: 3
            color: line.level === "error" ? Theme.bad : Theme.text
        }

        Words {
            width: parent.width
            visible: text.length > 0
            text: line.details
            elide: Text.ElideMiddle
            color: Theme.dim
            font.pixelSize: Theme.small
        }
    }

    CellButton {
        id: output

        objectName: "output" + line.entryId
        anchors.right: parent.right
        anchors.rightMargin: 22
        anchors.verticalCenter: parent.verticalCenter
        width: Math.max(Theme.target, implicitContentWidth + 32)
        visible: line.jobId.length > 0
        ringed: line.ringed
        text: qsTr("Output")
        onClicked: {
            line.reached();
            line.open();
        }
    }
}
