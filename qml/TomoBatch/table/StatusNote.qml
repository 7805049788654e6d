import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A row's state in full, where the row had no room for it.
T.Popup {
    id: bubble

    property string name: ""
    property string status: ""
    property string note: ""
    property bool bad: false

    function tell(row: ScanRow) {
        name = row.name;
        status = row.status;
        note = row.note;
        bad = row.noteBad;
        const place = row.mapToItem(parent, row.columns.statusX, row.height);
        x = Math.max(8, Math.min(place.x - 8, parent.width - implicitWidth - 8));
        y = place.y + implicitHeight > parent.height ? place.y - row.height - implicitHeight : place.y;
        open();
    }

    objectName: "statusNote"
    padding: 16
    implicitWidth: Math.min(34 * Theme.body, (parent?.width ?? 600) - 16)
    implicitHeight: words.implicitHeight + 2 * padding
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    focus: true
    onOpened: words.forceActiveFocus(Qt.PopupFocusReason)

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
        Accessible.name: bubble.status + ". " + bubble.note

        Words {
            width: parent.width
            wrapMode: Text.Wrap
            text: bubble.status
            strong: true
        }

        Words {
            objectName: "statusNoteText"
            width: parent.width
            visible: text.length > 0
            wrapMode: Text.Wrap
            text: bubble.note
            color: bubble.bad ? Theme.bad : Theme.text
        }

        Words {
            width: parent.width
            wrapMode: Text.WrapAnywhere
            text: bubble.name
            color: Theme.dim
            font.pixelSize: Theme.small
        }
    }
}
