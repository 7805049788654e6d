pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// Walk to a folder of scans with big rows; how many scans it holds shows before it is opened.
Sheet {
    id: sheet

    function scansText(scans: int): string {
        return scans === 1 ? qsTr("1 scan") : qsTr("%1 scans").arg(scans);
    }

    objectName: "folderSheet"
    title: qsTr("Open folder")
    sheetWidth: 1060
    onAboutToShow: App.browser.start()
    onOpened: rows.forceActiveFocus(Qt.PopupFocusReason)
    onClosed: App.browser.stop()

    Connections {
        target: App.browser

        // What was typed is gone once one has walked on.
        function onWalked() {
            path.text = App.browser.path;
        }

        function onListed() {
            rows.currentIndex = App.browser.row;
            rows.positionViewAtIndex(App.browser.row, ListView.Contain);
        }

        function onOpened() {
            sheet.close();
        }
    }

    Item {
        anchors.fill: parent
        implicitHeight: 1400

        IconButton {
            id: up

            objectName: "folderUp"
            glyph: "↑"
            text: qsTr("Up")
            enabled: App.browser.canGoUp
            onClicked: App.browser.up()
        }

        IconButton {
            id: home

            objectName: "folderHome"
            anchors.left: up.right
            anchors.leftMargin: Theme.gap
            glyph: "⌂"
            text: qsTr("Home folder")
            onClicked: App.browser.home()
        }

        Field {
            id: path

            objectName: "folderPath"
            anchors.left: home.right
            anchors.leftMargin: Theme.gap
            anchors.right: parent.right
            Accessible.name: qsTr("Path")
            onAccepted: App.browser.typed(text)
        }

        Rectangle {
            anchors.top: up.bottom
            anchors.topMargin: 12
            anchors.bottom: parent.bottom
            width: parent.width
            radius: Theme.radius
            color: Theme.field
            border.width: 1
            border.color: Theme.line

            ListView {
                id: rows

                objectName: "folderRows"
                anchors.fill: parent
                anchors.margins: 4
                clip: true
                model: App.browser
                activeFocusOnTab: true
                boundsBehavior: Flickable.StopAtBounds
                T.ScrollBar.vertical: ScrollLine {}
                Accessible.role: Accessible.List
                Accessible.name: qsTr("Folders")
                Keys.onReturnPressed: (currentItem as T.AbstractButton)?.click()
                Keys.onEnterPressed: (currentItem as T.AbstractButton)?.click()
                Keys.onPressed: event => {
                    event.accepted = event.key === Qt.Key_Backspace;
                    if (event.accepted && up.enabled)
                        App.browser.up();
                }

                delegate: T.AbstractButton {
                    id: entry

                    required property int entryId
                    required property string name
                    required property int scans

                    objectName: "folderRow" + entryId
                    width: ListView.view.width - 14
                    height: Math.max(Theme.target + 8, Theme.body * 1.4 + 24)
                    hoverEnabled: true
                    focusPolicy: Qt.NoFocus
                    text: name
                    Accessible.role: Accessible.ListItem
                    Accessible.name: scans > 0 ? name + ", " + sheet.scansText(scans) : name
                    Accessible.onPressAction: entry.click()
                    onClicked: App.browser.enter(entryId)

                    background: Rectangle {
                        radius: 6
                        color: entry.down ? Theme.pressed : entry.hovered ? Theme.hovered : "transparent"
                        border.width: rows.activeFocus && entry.ListView.isCurrentItem ? 2 : 0
                        border.color: Theme.accent
                    }

                    contentItem: Item {
                        Words {
                            x: 16
                            width: held.x - x - 16
                            height: parent.height
                            text: "🗀   " + entry.name
                            elide: Text.ElideMiddle
                        }

                        Words {
                            id: held

                            x: parent.width - width - 16
                            height: parent.height
                            text: entry.scans > 0 ? sheet.scansText(entry.scans) : ""
                            color: Theme.dim
                        }
                    }
                }
            }

            Words {
                objectName: "folderState"
                anchors.centerIn: parent
                width: parent.width - 48
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
                visible: rows.count === 0
                text: App.browser.loading ? qsTr("Reading…") : App.browser.problem.length > 0 ? "✕  " + App.browser.problem : qsTr("No folders in here")
                color: App.browser.problem.length > 0 ? Theme.bad : Theme.dim
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
        }
    }

    footer: [
        ActionButton {
            objectName: "folderOpen"
            kind: "primary"
            enabled: App.browser.problem.length === 0
            text: App.browser.scans > 0 ? qsTr("Open this folder (%1)").arg(sheet.scansText(App.browser.scans)) : qsTr("Open this folder")
            meaning: App.browser.path
            onClicked: App.browser.openHere()
        },
        ActionButton {
            objectName: "folderCancel"
            text: qsTr("Cancel")
            onClicked: sheet.close()
        }
    ]
}
