import QtQuick
import TomoBatch
import TomoBatch.Program

// What can be done with the table as a whole.
Item {
    id: bar

    property bool compact: false
    readonly property int lineHeight: Math.ceil(Theme.body * 1.3)
    readonly property int pad: compact ? 8 : 12
    readonly property bool narrow: buttons.implicitWidth + summary.implicitWidth + 3 * Theme.margin > width
    readonly property string reading: App.folder.inspected < App.folder.found ? qsTr("reading %1 of %2").arg(App.folder.inspected).arg(App.folder.found) : qsTr("reading the folder")

    implicitHeight: buttons.implicitHeight + (narrow ? lineHeight + 6 : 0) + (trouble.visible ? trouble.implicitHeight + 8 : 0) + 2 * pad

    Flow {
        id: buttons

        x: Theme.margin
        y: bar.pad
        width: parent.width - 2 * Theme.margin
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
    }

    Words {
        id: summary

        objectName: "summary"
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin + 6
        y: bar.narrow ? buttons.y + buttons.height + 6 : buttons.y
        height: bar.narrow ? bar.lineHeight : Theme.target
        text: App.folder.loading ? App.scans.summary + " · " + bar.reading : App.scans.summary
        color: Theme.dim
    }

    Words {
        id: trouble

        objectName: "tableProblem"
        anchors.bottom: parent.bottom
        anchors.bottomMargin: bar.pad
        x: Theme.margin + 6
        width: parent.width - 2 * x
        visible: App.folder.problem.length > 0
        wrapMode: Text.Wrap
        text: "✕  " + App.folder.problem
        color: Theme.bad
        Accessible.role: Accessible.AlertMessage
        Accessible.name: App.folder.problem
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
