pragma ComponentBehavior: Bound

import QtCore
import QtQuick
import QtQuick.Templates as T
import Qt.labs.folderlistmodel
import TomoBatch
import TomoBatch.Program

// Walk to a folder of scans with big rows; how many scans it holds shows before it is opened.
Sheet {
    id: sheet

    readonly property int scans: listing.count - folders
    property int folders: 0

    function urlOf(path: string): url {
        return "file://" + path.split("/").map(encodeURIComponent).join("/");
    }

    function pathOf(place: url): string {
        return decodeURIComponent(place.toString().replace("file://", "")) || "/";
    }

    function count() {
        let found = 0;
        while (found < listing.count && listing.isFolder(found))
            found++;
        folders = found;
    }

    objectName: "folderSheet"
    title: qsTr("Open folder")
    sheetWidth: 1060
    onAboutToShow: listing.folder = App.folder.isOpen ? urlOf(App.folder.path) : StandardPaths.writableLocation(StandardPaths.HomeLocation)
    onOpened: rows.forceActiveFocus(Qt.PopupFocusReason)

    FolderListModel {
        id: listing

        showDirsFirst: true
        showOnlyReadable: true
        nameFilters: ["*.h5", "*.hdf5", "*.hdf", "*.nxs"]
        caseSensitive: false
        sortField: FolderListModel.Name
        onStatusChanged: {
            if (status === FolderListModel.Ready)
                sheet.count();
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
            enabled: listing.parentFolder.toString().length > 0
            onClicked: listing.folder = listing.parentFolder
        }

        IconButton {
            id: home

            objectName: "folderHome"
            anchors.left: up.right
            anchors.leftMargin: Theme.gap
            glyph: "⌂"
            text: qsTr("Home folder")
            onClicked: listing.folder = StandardPaths.writableLocation(StandardPaths.HomeLocation)
        }

        Field {
            id: path

            objectName: "folderPath"
            anchors.left: home.right
            anchors.leftMargin: Theme.gap
            anchors.right: parent.right
            text: sheet.pathOf(listing.folder)
            Accessible.name: qsTr("Path")
            onAccepted: {
                sheet.close();
                App.folder.openPath(text);
            }
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
                model: listing
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
                        up.click();
                }

                delegate: T.AbstractButton {
                    id: entry

                    required property int index
                    required property string fileName
                    required property url fileUrl
                    required property bool fileIsDir

                    objectName: "folderRow" + index
                    width: ListView.view.width - 14
                    height: Math.max(Theme.target + 8, Theme.body * 1.4 + 24)
                    enabled: fileIsDir
                    hoverEnabled: true
                    focusPolicy: Qt.NoFocus
                    text: fileName
                    Accessible.role: Accessible.ListItem
                    Accessible.name: fileName
                    onClicked: listing.folder = fileUrl

                    background: Rectangle {
                        radius: 6
                        color: entry.down ? Theme.pressed : entry.hovered && entry.fileIsDir ? Theme.hovered : "transparent"
                        border.width: rows.activeFocus && entry.ListView.isCurrentItem ? 2 : 0
                        border.color: Theme.accent
                    }

                    contentItem: Words {
                        leftPadding: 16
                        text: (entry.fileIsDir ? "🗀   " : "🗎   ") + entry.fileName
                        color: entry.fileIsDir ? Theme.text : Theme.dim
                        elide: Text.ElideMiddle
                    }
                }
            }

            Words {
                anchors.centerIn: parent
                visible: listing.count === 0
                text: listing.status === FolderListModel.Loading ? qsTr("Reading…") : qsTr("Nothing here")
                color: Theme.dim
            }
        }
    }

    footer: [
        ActionButton {
            objectName: "folderOpen"
            kind: "primary"
            text: sheet.scans > 0 ? qsTr("Open this folder (%1 scans)").arg(sheet.scans) : qsTr("Open this folder")
            meaning: listing.folder.toString()
            onClicked: {
                sheet.close();
                App.folder.openUrl(listing.folder);
            }
        },
        ActionButton {
            objectName: "folderCancel"
            text: qsTr("Cancel")
            onClicked: sheet.close()
        }
    ]
}
