import QtQuick
import TomoBatch
import TomoBatch.Program

// Jobs run or wait and someone closes the window: what becomes of them. Esc goes back.
Sheet {
    id: sheet

    objectName: "closeSheet"
    title: qsTr("Close TomoBatch?")
    sheetWidth: 760
    onOpened: finish.forceActiveFocus(Qt.PopupFocusReason)
    onClosed: {
        if (!chosen)
            App.program.closeCancel();
        chosen = false;
    }

    property bool chosen: false

    function choose() {
        chosen = true;
        close();
    }

    Column {
        width: parent?.width ?? 0
        spacing: 12

        Words {
            objectName: "closeText"
            width: parent.width
            wrapMode: Text.Wrap
            text: App.program.closeText
            font.pixelSize: Theme.large
        }

        Words {
            width: parent.width
            wrapMode: Text.Wrap
            color: Theme.dim
            text: qsTr("No job is lost: running ones go on by themselves, and the next start finds them again.")
        }
    }

    footer: [
        ActionButton {
            id: finish

            objectName: "closeLetFinish"
            kind: "primary"
            text: qsTr("Let the running ones finish")
            onClicked: {
                sheet.choose();
                App.program.closeLetFinish();
            }
        },
        ActionButton {
            objectName: "closeGoOn"
            visible: App.program.waitingWhenClosed
            text: qsTr("Go on without a window")
            onClicked: {
                sheet.choose();
                App.program.closeGoOn();
            }
        },
        ActionButton {
            objectName: "closeCancel"
            text: qsTr("Cancel")
            onClicked: sheet.close()
        }
    ]
}
