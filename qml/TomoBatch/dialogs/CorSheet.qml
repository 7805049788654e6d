pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// CORs that the table and the CSV say differently: each is kept or taken, nothing is written before.
Sheet {
    id: sheet

    property bool confirmed: false

    objectName: "corSheet"
    title: App.cors.question.title
    sheetWidth: 980
    onAboutToShow: confirmed = false
    // The ring shows what Enter does: nothing is lost by it.
    onOpened: (App.cors.question.count > 0 ? rows : cancel).forceActiveFocus(Qt.TabFocusReason)
    onClosed: {
        if (!confirmed)
            App.cors.question.cancel();
    }

    Item {
        anchors.fill: parent
        implicitHeight: words.height + (rows.count > 0 ? all.height + rows.contentHeight + 32 : 0)

        Column {
            id: words

            width: parent.width
            spacing: 8

            Words {
                width: parent.width
                visible: text.length > 0
                wrapMode: Text.Wrap
                text: App.cors.question.text
            }

            Words {
                width: parent.width
                visible: losses.count > 0
                wrapMode: Text.Wrap
                strong: true
                color: Theme.warn
                text: qsTr("Saving drops from the file:")
            }

            ListView {
                id: losses

                objectName: "corLosses"
                width: parent.width
                height: Math.min(contentHeight, 9 * Theme.body)
                clip: true
                spacing: 4
                boundsBehavior: Flickable.StopAtBounds
                model: App.cors.question.losses
                T.ScrollBar.vertical: ScrollLine {}

                delegate: Words {
                    required property int index
                    required property string modelData

                    objectName: "corLoss" + index
                    width: ListView.view.width - 16
                    wrapMode: Text.Wrap
                    text: "▲  " + modelData
                    color: Theme.warn
                }
            }
        }

        Flow {
            id: all

            anchors.top: words.bottom
            anchors.topMargin: visible ? 16 : 0
            width: parent.width
            visible: rows.count > 0
            height: visible ? implicitHeight : 0
            spacing: Theme.gap

            ActionButton {
                objectName: "corKeepAll"
                visible: rows.count > 1
                text: qsTr("Keep all of mine")
                onClicked: App.cors.question.keepAll("mine")
            }

            ActionButton {
                objectName: "corTakeAll"
                visible: rows.count > 1
                text: qsTr("Take all of theirs")
                onClicked: App.cors.question.keepAll("theirs")
            }

            Words {
                objectName: "corState"
                height: Theme.target
                text: App.cors.question.state
                color: Theme.dim
            }
        }

        ListView {
            id: rows

            objectName: "corRows"
            anchors.top: all.bottom
            anchors.topMargin: 12
            anchors.bottom: parent.bottom
            width: parent.width
            clip: true
            spacing: Theme.gap
            model: App.cors.question
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollLine {}
            Accessible.role: Accessible.List
            Accessible.name: sheet.title
            Keys.onReturnPressed: if (confirm.enabled)
                confirm.press(false)
            Keys.onEnterPressed: if (confirm.enabled)
                confirm.press(false)
            Keys.onLeftPressed: App.cors.question.keep(currentIndex, "mine")
            Keys.onRightPressed: App.cors.question.keep(currentIndex, "theirs")

            delegate: Item {
                id: row

                required property int index
                required property int entryId
                required property string name
                required property string ours
                required property string oursSource
                required property string theirs
                required property string kept

                objectName: "corRow" + entryId
                width: ListView.view.width - 16
                height: line.height + choice.height + 18
                Accessible.role: Accessible.ListItem
                Accessible.name: qsTr("%1: mine %2 %3, theirs %4").arg(name).arg(ours).arg(oursSource).arg(theirs)

                Rectangle {
                    anchors.fill: parent
                    radius: Theme.radius
                    color: Theme.field
                    border.width: rows.activeFocus && row.ListView.isCurrentItem ? 2 : 1
                    border.color: rows.activeFocus && row.ListView.isCurrentItem ? Theme.accent : Theme.line
                }

                Words {
                    id: line

                    x: 14
                    y: 4
                    width: parent.width - 28
                    height: Math.round(Theme.body * 2)
                    text: row.name
                    elide: Text.ElideMiddle
                }

                Row {
                    id: choice

                    anchors.top: line.bottom
                    x: 12
                    spacing: Theme.gap

                    ActionButton {
                        objectName: "corKeep" + row.entryId
                        width: Math.floor((row.width - 24 - Theme.gap) / 2)
                        kind: row.kept === "mine" ? "primary" : "plain"
                        text: (row.kept === "mine" ? "✓  " : "") + qsTr("Keep mine: %1 %2").arg(row.ours).arg(row.oursSource)
                        meaning: row.name
                        focusPolicy: Qt.NoFocus
                        Accessible.role: Accessible.RadioButton
                        Accessible.checked: row.kept === "mine"
                        onClicked: App.cors.question.keep(row.entryId, "mine")
                    }

                    ActionButton {
                        objectName: "corTake" + row.entryId
                        width: Math.floor((row.width - 24 - Theme.gap) / 2)
                        kind: row.kept === "theirs" ? "primary" : "plain"
                        text: (row.kept === "theirs" ? "✓  " : "") + qsTr("Take theirs: %1").arg(row.theirs)
                        meaning: row.name
                        focusPolicy: Qt.NoFocus
                        Accessible.role: Accessible.RadioButton
                        Accessible.checked: row.kept === "theirs"
                        onClicked: App.cors.question.keep(row.entryId, "theirs")
                    }
                }
            }
        }
    }

    footer: [
        ActionButton {
            id: confirm

            objectName: "corConfirm"
            kind: "primary"
            enabled: App.cors.question.canConfirm
            text: App.cors.question.saving ? qsTr("Save to the CSV") : qsTr("Apply")
            onClicked: {
                sheet.confirmed = true;
                sheet.close();
                App.cors.question.confirm();
            }
        },
        ActionButton {
            id: cancel

            objectName: "corCancel"
            text: qsTr("Cancel")
            onClicked: sheet.close()
        }
    ]
}
