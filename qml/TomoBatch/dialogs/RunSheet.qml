pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// What a batch would do, in numbers, before it costs GPU hours.
Sheet {
    id: sheet

    readonly property string word: App.runs.askKind === "full" ? qsTr("Full") : qsTr("Try")

    objectName: "runSheet"
    title: App.runs.askTitle
    sheetWidth: 720
    onOpened: (go.enabled ? go : cancel).forceActiveFocus(Qt.PopupFocusReason)

    Flickable {
        anchors.fill: parent
        implicitHeight: lines.implicitHeight
        contentHeight: lines.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollLine {}

        Column {
            id: lines

            width: parent.width - 16
            spacing: 10

            Repeater {
                model: App.runs.askLines

                Words {
                    required property string modelData

                    width: lines.width
                    wrapMode: Text.Wrap
                    text: modelData
                }
            }

            Words {
                width: lines.width
                visible: App.runs.askRefused.length > 0
                topPadding: 8
                text: qsTr("Not run:")
                strong: true
                color: Theme.warn
            }

            Repeater {
                model: App.runs.askRefused

                Words {
                    required property string modelData

                    width: lines.width
                    wrapMode: Text.Wrap
                    text: "▲  " + modelData
                    color: Theme.warn
                }
            }

            RunOptionsPart {
                id: options

                shown: sheet.visible
                width: lines.width
                full: App.runs.askKind === "full"
                visible: App.runs.askCount > 0
            }
        }
    }

    footer: [
        ActionButton {
            id: go

            objectName: "runConfirm"
            kind: "primary"
            // An option that was typed and refused is not passed over.
            enabled: App.runs.askCount > 0 && options.refusal.length === 0
            text: qsTr("Run %1 on %2").arg(sheet.word).arg(App.runs.askCount)
            onClicked: {
                sheet.close();
                App.runs.confirm();
            }
        },
        ActionButton {
            objectName: "runTryInstead"
            visible: App.runs.askTryInstead > 0
            text: qsTr("Run Try on these instead")
            onClicked: {
                sheet.close();
                App.runs.confirmTryInstead();
            }
        },
        ActionButton {
            objectName: "runCpuInstead"
            visible: App.runs.askCpuInstead
            text: qsTr("Use the CPU engine instead")
            onClicked: App.runs.useCpuEngine()
        },
        ActionButton {
            id: cancel

            objectName: "runCancel"
            text: qsTr("Cancel")
            onClicked: sheet.close()
        }
    ]
}
