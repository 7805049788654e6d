pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core

// Save the slice on the screen: as what, and where.
Sheet {
    id: sheet

    required property Saving saving

    objectName: "saveSheet"
    title: "Save this slice"
    sheetWidth: 820
    onOpened: {
        path.text = saving.path;
        confirm.forceActiveFocus(Qt.PopupFocusReason);
    }

    Connections {
        target: sheet.saving

        function onChanged() {
            path.text = sheet.saving.path;
        }

        function onDone() {
            sheet.close();
        }
    }

    Column {
        width: parent.width
        spacing: Theme.margin

        Segmented {
            objectName: "saveKind"
            name: "Saved as"
            enabled: !sheet.saving.busy
            labels: ["PNG with scale bar", "TIFF with values"]
            keys: ["png", "tiff"]
            current: sheet.saving.kind
            onPicked: key => sheet.saving.choose(key)
        }

        Words {
            objectName: "saveNote"
            width: parent.width
            wrapMode: Text.Wrap
            text: sheet.saving.note
            color: Theme.dim
        }

        Field {
            id: path

            objectName: "savePath"
            width: parent.width
            enabled: !sheet.saving.busy
            wrong: sheet.saving.problem.length > 0
            Accessible.name: "Path of the file"
            onAccepted: sheet.saving.save(text)
        }

        Words {
            objectName: "saveProblem"
            width: parent.width
            wrapMode: Text.Wrap
            text: sheet.saving.problem.length > 0 ? "✕  " + sheet.saving.problem : sheet.saving.busy ? "Saving…" : "Nothing is overwritten: a number is put behind a name that is taken."
            color: sheet.saving.problem.length > 0 ? Theme.bad : Theme.dim
            font.pixelSize: Theme.small
            Accessible.role: sheet.saving.problem.length > 0 ? Accessible.AlertMessage : Accessible.StaticText
            Accessible.name: text
        }
    }

    footer: [
        ActionButton {
            id: confirm

            objectName: "saveConfirm"
            kind: "primary"
            enabled: !sheet.saving.busy
            text: "Save"
            onClicked: sheet.saving.save(path.text)
        },
        ActionButton {
            objectName: "saveCancel"
            text: "Cancel"
            onClicked: sheet.close()
        }
    ]
}
