pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The other files of CORs: one button, and what it opens.
IconButton {
    id: button

    kind: "quiet"
    glyph: "☰"
    text: qsTr("Other files of CORs")
    objectName: "corMenu"
    Accessible.role: Accessible.ButtonMenu
    onClicked: menu.open()

    T.Popup {
        id: menu

        y: button.height + 4
        padding: 6
        implicitWidth: 22 * Theme.body + 2 * padding
        implicitHeight: list.implicitHeight + 2 * padding
        modal: true
        focus: true
        closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
        onOpened: list.children[0].forceActiveFocus(Qt.PopupFocusReason)

        T.Overlay.modal: Item {}

        background: Rectangle {
            radius: Theme.radius
            color: Theme.panel
            border.width: 1
            border.color: Theme.outline
        }

        contentItem: Column {
            id: list

            spacing: Theme.gap
            Accessible.role: Accessible.PopupMenu
            Accessible.name: button.text
            Keys.onDownPressed: menu.step(1)
            Keys.onUpPressed: menu.step(-1)

            Entry {
                objectName: "menuCsv"
                purpose: "csv"
                text: qsTr("Load from another CSV…")
            }

            Entry {
                objectName: "menuRotCen"
                purpose: "rot_cen"
                text: qsTr("Load rot_cen.json (TomoGUI)…")
            }

            Entry {
                objectName: "menuCenter"
                purpose: "center"
                text: qsTr("Load center_of_rotation.txt…")
            }

            Entry {
                objectName: "menuSave"
                purpose: "save"
                text: qsTr("Save to another place…")
            }
        }

        function step(by: int) {
            const items = [...list.children];
            const at = items.findIndex(item => item.activeFocus);
            items[Math.max(0, Math.min(items.length - 1, at + by))].forceActiveFocus(Qt.TabFocusReason);
        }
    }

    component Entry: ActionButton {
        id: entry

        property string purpose

        width: parent?.width ?? 0
        kind: "quiet"
        Accessible.role: Accessible.MenuItem

        contentItem: Words {
            text: entry.text
            font: entry.font
            color: entry.ink
        }

        onClicked: {
            menu.close();
            App.cors.places.ask(purpose);
        }
    }
}
