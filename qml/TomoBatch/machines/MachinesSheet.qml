pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The machines window. What was typed is lost by no slip: Esc and Cancel ask where something is not saved.
Sheet {
    id: sheet

    readonly property bool beside: width > 1300 * Theme.scale
    readonly property bool deciding: App.machines.editor.asking || App.machines.editor.conflict
    readonly property string trouble: App.machines.editor.asking ? qsTr("What was changed here is not saved yet.") : App.machines.editor.problem

    objectName: "machinesSheet"
    title: qsTr("Machines")
    sheetWidth: 1600
    guarded: true
    onEscaped: App.machines.editor.asking || App.machines.editor.conflict ? App.machines.editor.stay() : App.machines.editor.leave()
    onOpened: list.takeFocus()

    Connections {
        target: App.machines.editor

        function onDone() {
            sheet.close();
        }

        function onCurrentChanged() {
            scroll.contentY = 0;
        }
    }

    Item {
        anchors.fill: parent
        implicitHeight: 2000

        MachineList {
            id: list

            width: Math.min(300 * Theme.scale, parent.width * 0.34)
            anchors.top: parent.top
            anchors.bottom: addOne.top
            anchors.bottomMargin: Theme.gap
        }

        ActionButton {
            id: addOne

            objectName: "machineAdd"
            anchors.bottom: lostJobs.top
            anchors.bottomMargin: 12
            width: list.width
            glyph: "+"
            text: qsTr("Add")
            onClicked: App.machines.editor.add()
        }

        Labelled {
            id: lostJobs

            anchors.bottom: parent.bottom
            width: list.width
            label: qsTr("Jobs that wait for a lost machine")

            Combo {
                objectName: "machineLostJobs"
                name: lostJobs.label
                width: parent.width
                model: [qsTr("wait for it"), qsTr("go to Any machine")]
                currentIndex: App.machines.editor.movesLost ? 1 : 0
                onActivated: index => App.machines.editor.setMovesLost(index === 1)
            }
        }

        Flickable {
            id: scroll

            objectName: "machineFields"
            anchors.top: parent.top
            anchors.bottom: note.visible ? note.top : parent.bottom
            anchors.bottomMargin: note.visible ? 12 : 0
            x: list.width + Theme.apart
            width: parent.width - x
            contentHeight: all.height + 8
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollLine {}
            onContentHeightChanged: {
                // What is being found out is looked at.
                if (App.machines.editor.testing && !sheet.beside)
                    contentY = Math.max(0, Math.min(tested.y, contentHeight - height));
            }

            // What the keyboard goes to comes into view.
            readonly property Item focused: sheet.opened ? Window.activeFocusItem : null

            onFocusedChanged: {
                let around = focused;
                while (around && around !== all)
                    around = around.parent;
                if (!around)
                    return;
                const y = focused.mapToItem(all, 0, 0).y;
                if (y < contentY)
                    contentY = Math.max(0, y - 30);
                else if (y + focused.height > contentY + height)
                    contentY = Math.min(contentHeight - height, y + focused.height + 20 - height);
            }

            Item {
                id: all

                width: scroll.width - 18
                height: (sheet.beside ? Math.max(fields.height + Theme.apart + remove.height, tested.height) : tested.y + tested.height + Theme.apart + remove.height) + 4

                Column {
                    id: fields

                    width: sheet.beside ? Math.round(all.width * 0.54) : all.width
                    spacing: Theme.apart

                    MachineFields {
                        width: parent.width
                    }
                }

                Column {
                    id: tested

                    x: sheet.beside ? fields.width + Theme.apart : 0
                    y: sheet.beside ? 0 : fields.height + Theme.apart
                    width: all.width - x
                    spacing: 16

                    TestLines {
                        width: parent.width
                    }
                }

                ActionButton {
                    id: remove

                    objectName: "machineRemove"
                    x: (sheet.beside ? fields.width : all.width) - width
                    y: (sheet.beside ? fields.height : tested.y + tested.height) + Theme.apart
                    visible: App.machines.editor.canRemove
                    kind: "danger"
                    text: qsTr("Remove this machine")
                    meaning: text + App.machines.editor.current
                    onClicked: App.machines.editor.remove()
                }
            }
        }

        Rectangle {
            id: note

            anchors.bottom: parent.bottom
            x: scroll.x
            width: scroll.width
            height: words.implicitHeight + 20
            visible: sheet.trouble.length > 0
            radius: Theme.radius
            color: Theme.tint(Theme.warn, Theme.dark ? 0.18 : 0.14)
            border.width: 1
            border.color: Theme.warn
            Accessible.role: Accessible.AlertMessage
            Accessible.name: sheet.trouble

            Words {
                id: words

                objectName: "machinesTrouble"
                x: 14
                width: parent.width - 28
                height: parent.height
                wrapMode: Text.Wrap
                text: "▲  " + sheet.trouble
                color: Theme.warn
            }
        }
    }

    footer: [
        ActionButton {
            objectName: "machinesSave"
            visible: !App.machines.editor.conflict
            kind: "primary"
            text: qsTr("Save")
            enabled: App.machines.editor.unsaved && !App.machines.editor.saving
            onClicked: App.machines.editor.save()
        },
        ActionButton {
            objectName: "machinesReadAgain"
            visible: App.machines.editor.conflict
            kind: "primary"
            text: qsTr("Read it again, without my changes")
            onClicked: App.machines.editor.readAgain()
        },
        ActionButton {
            objectName: "machinesSaveAnyway"
            visible: App.machines.editor.conflict
            text: qsTr("Save mine over it")
            onClicked: App.machines.editor.saveAnyway()
        },
        ActionButton {
            objectName: "machinesDiscard"
            visible: App.machines.editor.asking
            kind: "danger"
            text: qsTr("Discard the changes")
            onClicked: App.machines.editor.discard()
        },
        ActionButton {
            objectName: "machinesCancel"
            text: sheet.deciding ? qsTr("Keep editing") : App.machines.editor.unsaved ? qsTr("Cancel") : qsTr("Close")
            onClicked: sheet.deciding ? App.machines.editor.stay() : App.machines.editor.leave()
        },
        Item {
            width: Theme.apart
            height: 1
        },
        ActionButton {
            objectName: "machineTest"
            visible: !sheet.deciding
            glyph: App.machines.editor.testing ? "◷" : ""
            text: App.machines.editor.testing ? qsTr("Stop the test") : qsTr("Test connection")
            onClicked: App.machines.editor.testing ? App.machines.editor.stopTest() : App.machines.editor.test()
        }
    ]
}
