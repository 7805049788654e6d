import QtQuick
import TomoBatch
import TomoBatch.Program

// Jobs run or wait and someone closes the window: what becomes of them. Esc goes back.
Sheet {
    id: sheet

    objectName: "closeSheet"
    title: qsTr("Close TomoBatch?")
    sheetWidth: 760
    onOpened: (goOn.visible ? goOn : finish).forceActiveFocus(Qt.PopupFocusReason)
    onClosed: {
        if (!chosen)
            App.program.closeCancel();
        chosen = false;
    }

    property bool chosen: false

    // What the question was about may end while it is asked.
    Connections {
        target: App.queue

        function onFiguresChanged() {
            if (!App.queue.active)
                sheet.close();
        }
    }

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
            text: App.queue.paused ? qsTr("The queue is paused: those that wait stay in it until somebody lets it go on.") : App.program.waitingWhenClosed ? qsTr("Without a window all of them are run. Otherwise those that wait stay in the queue until TomoBatch is opened again.") : qsTr("It goes on by itself, and the next start finds its result.")
        }
    }

    footer: [
        ActionButton {
            id: finish

            objectName: "closeLetFinish"
            kind: goOn.visible ? "plain" : "primary"
            text: App.queue.running > 0 ? qsTr("Let the running ones finish") : qsTr("Close, and let them wait")
            onClicked: {
                sheet.choose();
                App.program.closeLetFinish();
            }
        },
        ActionButton {
            id: goOn

            objectName: "closeGoOn"
            kind: "primary"
            visible: App.program.waitingWhenClosed && !App.queue.paused
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
