import QtQuick
import TomoBatch
import TomoBatch.Program

// A host shows a key that nobody has trusted yet. Enter and Esc trust nothing.
Sheet {
    id: sheet

    objectName: "hostKeySheet"
    title: qsTr("Is this %1?").arg(App.machines.hostKey.machine)
    sheetWidth: 780
    guarded: true
    onEscaped: App.machines.hostKey.notNow()
    onOpened: notNow.forceActiveFocus(Qt.PopupFocusReason)

    Connections {
        target: App.machines.hostKey

        function onDone() {
            sheet.close();
        }
    }

    Column {
        width: parent?.width ?? 0
        spacing: 14

        Words {
            width: parent.width
            wrapMode: Text.Wrap
            text: qsTr("%1 has not been reached from here before. It shows this key:").arg(App.machines.hostKey.host)
        }

        Rectangle {
            width: parent.width
            height: finger.implicitHeight + kind.implicitHeight + 30
            radius: Theme.radius
            color: Theme.field
            border.width: 1
            border.color: Theme.line

            Words {
                id: kind

                x: 16
                y: 12
                width: parent.width - 32
                text: App.machines.hostKey.kind
                color: Theme.dim
            }

            Words {
                id: finger

                objectName: "hostKeyPrint"
                x: 16
                y: kind.y + kind.height + 4
                width: parent.width - 32
                wrapMode: Text.WrapAnywhere
                text: App.machines.hostKey.fingerprint
                figures: true
                font.pixelSize: Theme.large
            }
        }

        Words {
            width: parent.width
            wrapMode: Text.Wrap
            color: Theme.dim
            text: qsTr("Whoever keeps the machine can tell whether that is its key (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub). If it is not, somebody else answers in its place.")
        }
    }

    footer: [
        ActionButton {
            id: notNow

            objectName: "hostKeyNotNow"
            kind: "primary"
            text: qsTr("Not now")
            onClicked: App.machines.hostKey.notNow()
        },
        Item {
            width: Theme.apart - 8
            height: 1
        },
        ActionButton {
            objectName: "hostKeyTrust"
            text: qsTr("Trust this host")
            meaning: App.machines.hostKey.fingerprint
            onClicked: App.machines.hostKey.trust(App.machines.hostKey.fingerprint)
        }
    ]
}
