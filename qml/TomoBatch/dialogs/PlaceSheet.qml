pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// Walk to a file of CORs, or to a place for one, with big rows.
Sheet {
    id: sheet

    readonly property real top: why.visible ? why.implicitHeight : 0

    objectName: "placeSheet"
    title: App.cors.places.title
    sheetWidth: 1060
    onOpened: rows.forceActiveFocus(Qt.PopupFocusReason)
    onClosed: App.cors.places.stop()

    Connections {
        target: App.cors.places

        // What was typed is gone once one has walked on.
        function onWalked() {
            path.text = App.cors.places.path;
        }

        function onListed() {
            rows.currentIndex = 0;
            rows.positionViewAtBeginning();
        }

        function onChanged() {
            if (!file.activeFocus)
                file.text = App.cors.places.fileName;
        }

        function onDone() {
            sheet.close();
        }
    }

    Item {
        anchors.fill: parent
        implicitHeight: 1400

        Words {
            id: why

            objectName: "placeWhy"
            width: parent.width
            bottomPadding: 12
            visible: text.length > 0
            wrapMode: Text.Wrap
            text: App.cors.places.text
            color: App.cors.places.saving ? Theme.warn : Theme.dim
        }

        IconButton {
            id: up

            objectName: "placeUp"
            y: sheet.top
            glyph: "↑"
            text: qsTr("Up")
            enabled: App.cors.places.canGoUp
            onClicked: App.cors.places.up()
        }

        IconButton {
            id: home

            objectName: "placeHome"
            y: sheet.top
            anchors.left: up.right
            anchors.leftMargin: Theme.gap
            glyph: "⌂"
            text: qsTr("Home folder")
            onClicked: App.cors.places.home()
        }

        Field {
            id: path

            objectName: "placePath"
            y: sheet.top
            anchors.left: home.right
            anchors.leftMargin: Theme.gap
            anchors.right: parent.right
            text: App.cors.places.path
            Accessible.name: qsTr("Path")
            onAccepted: App.cors.places.typed(text)
        }

        Rectangle {
            anchors.top: up.bottom
            anchors.topMargin: 12
            anchors.bottom: naming.top
            anchors.bottomMargin: naming.visible ? 12 : 0
            width: parent.width
            radius: Theme.radius
            color: Theme.field
            border.width: 1
            border.color: Theme.line

            ListView {
                id: rows

                objectName: "placeRows"
                anchors.fill: parent
                anchors.margins: 4
                clip: true
                model: App.cors.places
                activeFocusOnTab: true
                boundsBehavior: Flickable.StopAtBounds
                T.ScrollBar.vertical: ScrollLine {}
                Accessible.role: Accessible.List
                Accessible.name: qsTr("Folders and files")
                Keys.onReturnPressed: (currentItem as T.AbstractButton)?.click()
                Keys.onEnterPressed: (currentItem as T.AbstractButton)?.click()
                Keys.onPressed: event => {
                    event.accepted = event.key === Qt.Key_Backspace;
                    if (event.accepted && up.enabled)
                        App.cors.places.up();
                }

                delegate: T.AbstractButton {
                    id: entry

                    required property int entryId
                    required property string name
                    required property bool isFolder
                    required property bool chosen

                    objectName: "placeRow" + entryId
                    width: ListView.view.width - 14
                    height: Math.max(Theme.target + 8, Theme.body * 1.4 + 24)
                    hoverEnabled: true
                    focusPolicy: Qt.NoFocus
                    text: name
                    Accessible.role: Accessible.ListItem
                    Accessible.name: name
                    Accessible.selected: chosen
                    Accessible.onPressAction: entry.click()
                    onClicked: App.cors.places.enter(entryId)

                    background: Rectangle {
                        radius: 6
                        color: entry.down ? Theme.pressed : entry.chosen ? Theme.selection : entry.hovered ? Theme.hovered : "transparent"
                        border.width: rows.activeFocus && entry.ListView.isCurrentItem ? 2 : 0
                        border.color: Theme.accent
                    }

                    contentItem: Words {
                        leftPadding: 16
                        rightPadding: 16
                        text: (entry.isFolder ? "🗀   " : entry.chosen ? "✓   " : "🗎   ") + entry.name
                        strong: entry.chosen
                        elide: Text.ElideMiddle
                    }
                }
            }

            Words {
                objectName: "placeState"
                anchors.centerIn: parent
                width: parent.width - 48
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
                visible: rows.count === 0
                text: App.cors.places.loading ? qsTr("Reading…") : App.cors.places.problem.length > 0 ? "✕  " + App.cors.places.problem : qsTr("Nothing of this kind in here")
                color: App.cors.places.problem.length > 0 ? Theme.bad : Theme.dim
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
        }

        Item {
            id: naming

            anchors.bottom: parent.bottom
            width: parent.width
            height: visible ? file.implicitHeight : 0
            visible: App.cors.places.saving

            Words {
                id: label

                height: parent.height
                text: qsTr("File name")
                color: Theme.dim
            }

            Field {
                id: file

                objectName: "placeFile"
                anchors.left: label.right
                anchors.leftMargin: 12
                anchors.right: parent.right
                Accessible.name: qsTr("File name")
                onTextEdited: App.cors.places.named(text)
                onAccepted: App.cors.places.confirm()
            }
        }
    }

    footer: [
        ActionButton {
            objectName: "placeConfirm"
            kind: "primary"
            enabled: App.cors.places.canConfirm
            text: App.cors.places.confirmText
            onClicked: App.cors.places.confirm()
        },
        ActionButton {
            objectName: "placeCancel"
            text: qsTr("Cancel")
            onClicked: sheet.close()
        }
    ]
}
