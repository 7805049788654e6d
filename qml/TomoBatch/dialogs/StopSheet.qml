import QtQuick
import TomoBatch
import TomoBatch.Program

// Stopping throws GPU hours away: asked once, with numbers. Enter and Esc keep everything running.
Sheet {
    id: sheet

    objectName: "stopSheet"
    title: qsTr("Stop this batch?")
    onOpened: keep.forceActiveFocus(Qt.PopupFocusReason)

    // What the question was about may end while it is asked.
    Connections {
        target: App.queue

        function onFiguresChanged() {
            if (!App.queue.active)
                sheet.close();
        }
    }

    Words {
        width: parent?.width ?? 0
        wrapMode: Text.Wrap
        text: qsTr("Running: %1. What they have computed so far is lost.\nWaiting: %2. They leave the queue.\nWhat is complete stays.").arg(App.queue.running).arg(App.queue.waiting)
        lineHeight: 1.3
    }

    footer: [
        ActionButton {
            id: keep

            objectName: "stopKeep"
            kind: "primary"
            text: qsTr("Keep running")
            onClicked: sheet.close()
        },
        Item {
            width: Theme.apart - 8
            height: 1
        },
        ActionButton {
            objectName: "stopConfirm"
            kind: "danger"
            glyph: "⏹"
            text: qsTr("Stop")
            onClicked: {
                sheet.close();
                App.queue.stop();
            }
        }
    ]
}
