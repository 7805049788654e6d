import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// A row's state in full, and what can be done about it. It follows the row while it is open.
T.Popup {
    id: bubble

    function tell(row: ScanRow) {
        App.rowNote.tell(row.scanId);
        const place = row.mapToItem(parent, row.columns.statusX, row.height);
        x = Math.max(8, Math.min(place.x - 8, parent.width - implicitWidth - 8));
        y = place.y + implicitHeight > parent.height ? Math.max(8, place.y - row.height - implicitHeight) : place.y;
        open();
    }

    objectName: "statusNote"
    padding: 16
    implicitWidth: Math.min(38 * Theme.body, (parent?.width ?? 600) - 16)
    implicitHeight: words.implicitHeight + 2 * padding
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    focus: true
    onOpened: words.forceActiveFocus(Qt.PopupFocusReason)
    onClosed: App.rowNote.tell(-1)

    Connections {
        target: App.rowNote

        function onChanged() {
            if (!App.rowNote.there)
                bubble.close();
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: Theme.panel
        border.width: 1
        border.color: Theme.outline
    }

    contentItem: Column {
        id: words

        spacing: 6
        Keys.onReturnPressed: bubble.close()
        Keys.onEnterPressed: bubble.close()
        Accessible.role: Accessible.ToolTip
        Accessible.name: App.rowNote.status + ". " + App.rowNote.note

        Words {
            objectName: "statusNoteStatus"
            width: parent.width
            wrapMode: Text.Wrap
            text: App.rowNote.status
            strong: true
        }

        Words {
            objectName: "statusNoteText"
            width: parent.width
            visible: text.length > 0
            wrapMode: Text.Wrap
            text: App.rowNote.note
            color: App.rowNote.bad ? Theme.bad : Theme.text
        }

        Words {
            width: parent.width
            wrapMode: Text.WrapAnywhere
            text: App.rowNote.name
            color: Theme.dim
            font.pixelSize: Theme.small
        }

        Flow {
            width: parent.width
            topPadding: 6
            spacing: Theme.gap
            visible: App.rowNote.canMove || App.rowNote.canRetry || App.rowNote.hasOutput

            ActionButton {
                objectName: "noteMove"
                visible: App.rowNote.canMove
                text: qsTr("Move to front")
                onClicked: App.rowNote.moveToFront()
            }

            ActionButton {
                objectName: "noteMoveSelected"
                visible: App.rowNote.canMove && App.rowNote.movableSelected > 1
                text: qsTr("Move %1 selected to front").arg(App.rowNote.movableSelected)
                meaning: "selected"
                onClicked: App.rowNote.moveSelectedToFront()
            }

            ActionButton {
                objectName: "noteSmaller"
                visible: text.length > 0
                text: App.rowNote.smaller
                onClicked: App.rowNote.retrySmaller()
            }

            ActionButton {
                objectName: "noteRetry"
                visible: App.rowNote.canRetry
                text: qsTr("Retry")
                onClicked: App.rowNote.retry()
            }

            ActionButton {
                objectName: "noteOutput"
                visible: App.rowNote.hasOutput
                text: qsTr("Output")
                onClicked: {
                    App.rowNote.output();
                    bubble.close();
                }
            }
        }
    }
}
