import QtQuick
import TomoBatch
import TomoBatch.Program

// What can be done with the table as a whole.
Item {
    id: bar

    property bool compact: false
    readonly property int lineHeight: Math.ceil(Theme.body * 1.3)
    readonly property int pad: compact ? 8 : 12
    readonly property bool narrow: buttons.implicitWidth + summary.implicitWidth + remove.width + 3 * Theme.margin + 2 * Theme.apart > width
    // In the last line of the buttons, when these take several and there is room.
    readonly property bool beside: narrow && buttons.height > Theme.target && lastEdge() + summary.implicitWidth + Theme.apart + 2 * Theme.margin < width
    // Whatever lies below it: nothing to be tapped is near the button that removes.
    readonly property int below: narrow || buttons.height > Theme.target ? pad : Theme.apart
    readonly property string problem: App.folder.problem || App.tally.problem
    readonly property string reading: App.folder.inspected < App.folder.found ? qsTr("reading %1 of %2").arg(App.folder.inspected).arg(App.folder.found) : qsTr("reading the folder")

    implicitHeight: buttons.implicitHeight + (narrow && !beside ? lineHeight + 6 : 0) + (trouble.visible ? trouble.implicitHeight + 8 : 0) + pad + below

    function lastEdge(): real {
        const last = [...buttons.children].filter(child => child.visible && child.y > 0 && child.y >= buttons.height - Theme.target);
        return Math.max(0, ...last.map(child => child.x + child.width));
    }

    Flow {
        id: buttons

        x: Theme.margin
        y: bar.pad
        width: remove.x - Theme.apart - x
        spacing: Theme.gap

        ActionButton {
            objectName: "selectAll"
            text: qsTr("Select All")
            enabled: App.scans.shownCount > 0
            onClicked: App.selection.all()
        }

        ActionButton {
            objectName: "deselectAll"
            text: qsTr("Deselect All")
            enabled: App.selection.count > 0
            onClicked: App.selection.none()
        }

        SelectSome {
            compact: bar.compact
        }

        Item {
            width: 8
            height: Theme.target
        }

        ActionButton {
            objectName: "loadCsv"
            text: qsTr("Load COR from CSV")
            enabled: App.folder.isOpen
            onClicked: App.cors.loadCsv()
        }

        ActionButton {
            objectName: "saveCsv"
            text: qsTr("Save COR to CSV")
            enabled: App.folder.isOpen
            onClicked: App.cors.saveCsv()
        }

        CorMenu {
            enabled: App.folder.isOpen
        }

        IconButton {
            objectName: "undo"
            kind: "quiet"
            glyph: "↩"
            text: qsTr("Undo the last change of a COR")
            enabled: App.cors.canUndo
            onClicked: App.cors.undo()
        }

        IconButton {
            objectName: "redo"
            kind: "quiet"
            glyph: "↪"
            text: qsTr("Redo the change of a COR")
            enabled: App.cors.canRedo
            onClicked: App.cors.redo()
        }

        ActionButton {
            objectName: "csvDiffers"
            visible: App.cors.differ > 0
            text: "▲ " + App.cors.differText
            font.pixelSize: Theme.small
            onClicked: App.cors.compare()
        }

        Check {
            objectName: "showHidden"
            visible: App.scans.offCount > 0
            ticked: App.scans.showOff
            text: qsTr("Show hidden (%1)").arg(App.scans.offCount)
            onClicked: App.scans.showOff = !App.scans.showOff
        }

        ActionButton {
            objectName: "putAllBack"
            visible: App.scans.showOff
            text: qsTr("Put all back")
            onClicked: App.removal.putAllBack()
        }
    }

    ActionButton {
        id: remove

        objectName: "removeSelected"
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        y: bar.pad
        kind: "danger"
        text: qsTr("Remove Selected from List")
        enabled: App.selection.count > 0
        onClicked: App.removal.ask()
    }

    Words {
        id: summary

        objectName: "summary"
        anchors.right: bar.narrow ? parent.right : remove.left
        anchors.rightMargin: bar.narrow ? Theme.margin + 6 : Theme.apart
        y: bar.beside ? buttons.y + buttons.height - height : bar.narrow ? buttons.y + buttons.height + 6 : buttons.y
        height: bar.narrow && !bar.beside ? bar.lineHeight : Theme.target
        text: App.folder.loading ? App.scans.summary + " · " + bar.reading : App.scans.summary
        color: App.scans.filter.length > 0 ? Theme.accent : Theme.dim
    }

    Words {
        id: trouble

        objectName: "tableProblem"
        anchors.bottom: parent.bottom
        anchors.bottomMargin: bar.below
        x: Theme.margin + 6
        width: parent.width - 2 * x
        visible: bar.problem.length > 0
        wrapMode: Text.Wrap
        text: "✕  " + bar.problem
        color: Theme.bad
        Accessible.role: Accessible.AlertMessage
        Accessible.name: bar.problem
    }

    Bar {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 3
        radius: 0
        visible: App.folder.loading
        value: App.folder.found > 0 ? App.folder.inspected / App.folder.found : 0
    }
}
