pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// Off the list, which is harmless and the default; or from disk, for good, by holding a button for two seconds.
Sheet {
    id: sheet

    readonly property bool deleting: App.removal.deleting

    objectName: "removeSheet"
    title: App.removal.title
    sheetWidth: 780
    closePolicy: deleting ? T.Popup.NoAutoClose : T.Popup.CloseOnEscape
    onOpened: off.forceActiveFocus(Qt.PopupFocusReason)
    onClosed: App.removal.cancel()

    Connections {
        target: App.removal

        function onDone() {
            sheet.close();
        }
    }

    Item {
        anchors.fill: parent
        implicitHeight: facts.implicitHeight + Math.min(files.contentHeight + 2, 6 * files.lineHeight) + fromDisk.implicitHeight + 2 * Theme.margin + Theme.apart + 4

        Column {
            id: facts

            width: parent.width
            spacing: 6

            Repeater {
                model: App.removal.lines

                Words {
                    required property string modelData

                    width: facts.width
                    wrapMode: Text.Wrap
                    text: modelData
                }
            }

            Repeater {
                model: App.removal.warnings

                Words {
                    required property string modelData

                    width: facts.width
                    wrapMode: Text.Wrap
                    text: "▲  " + modelData
                    color: Theme.warn
                }
            }
        }

        ListView {
            id: files

            readonly property int lineHeight: Math.round(Theme.body * 1.75)

            objectName: "removeFiles"
            anchors.top: facts.bottom
            anchors.topMargin: Theme.margin
            anchors.bottom: fromDisk.top
            anchors.bottomMargin: Theme.apart
            width: parent.width
            clip: true
            model: App.removal.rows
            activeFocusOnTab: interactive
            keyNavigationEnabled: true
            interactive: contentHeight > height
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Files")
            T.ScrollBar.vertical: ScrollLine {}
            Keys.onUpPressed: flick(0, 900)
            Keys.onDownPressed: flick(0, -900)

            Rectangle {
                parent: files
                anchors.fill: parent
                z: -1
                color: Theme.field
                border.width: files.activeFocus ? 2 : 1
                border.color: files.activeFocus ? Theme.accent : Theme.line
            }

            delegate: Words {
                id: line

                required property int index
                required property string name
                required property string note
                required property string kind

                objectName: "removeFile" + index
                width: files.width - 16
                height: Math.max(files.lineHeight, implicitHeight + 6)
                leftPadding: Theme.margin
                wrapMode: Text.Wrap
                elide: Text.ElideNone
                text: kind === "bad" ? "✕  " + note : kind === "warn" ? "▲  " + name + " · " + note : name
                color: kind === "bad" ? Theme.bad : kind === "warn" ? Theme.warn : Theme.text
                Accessible.role: Accessible.ListItem
                Accessible.name: text
            }
        }

        Item {
            id: fromDisk

            anchors.bottom: parent.bottom
            anchors.bottomMargin: 4
            width: parent.width
            implicitHeight: hold.height + words.implicitHeight + Theme.margin

            Words {
                id: words

                objectName: "removeStanding"
                width: parent.width
                wrapMode: Text.Wrap
                text: App.removal.problem.length > 0 ? "✕  " + App.removal.problem : App.removal.progress.length > 0 && (App.removal.checking || sheet.deleting) ? App.removal.progress : App.removal.consequence
                color: App.removal.problem.length > 0 ? Theme.bad : Theme.dim
            }

            HoldButton {
                id: hold

                objectName: "removeDelete"
                anchors.top: words.bottom
                anchors.topMargin: Theme.margin
                width: Math.min(implicitWidth, parent.width)
                height: Math.max(Theme.target, implicitHeight)
                enabled: App.removal.canDelete
                text: App.removal.deleteText
                hint: App.removal.holdText
                onHeld: App.removal.confirmDelete()
            }
        }
    }

    footer: [
        ActionButton {
            id: off

            objectName: "removeTakeOff"
            kind: "primary"
            visible: !sheet.deleting
            text: qsTr("Take off the list")
            onClicked: {
                App.removal.takeOff();
                sheet.close();
            }
        },
        ActionButton {
            objectName: "removeCancel"
            visible: !sheet.deleting
            text: qsTr("Cancel")
            onClicked: sheet.close()
        },
        ActionButton {
            objectName: "removeStop"
            visible: sheet.deleting
            text: qsTr("Stop deleting")
            onClicked: App.removal.stop()
        }
    ]
}
