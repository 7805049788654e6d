pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// All that a job wrote, to read, to select and to copy.
Sheet {
    id: sheet

    property bool following: true

    objectName: "outputSheet"
    title: App.log.outputTitle
    sheetWidth: 1300
    onAboutToShow: following = true
    onOpened: shut.forceActiveFocus(Qt.PopupFocusReason)
    onClosed: App.log.closeOutput()

    Rectangle {
        anchors.fill: parent
        implicitHeight: 2000
        radius: Theme.radius
        color: Theme.field
        border.width: 1
        border.color: Theme.line

        Flickable {
            id: flick

            anchors.fill: parent
            anchors.margins: 10
            clip: true
            contentWidth: area.width
            contentHeight: area.height
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollLine {}
            onContentHeightChanged: Qt.callLater(toEnd)
            onHeightChanged: Qt.callLater(toEnd)
            onMovementEnded: sheet.following = atYEnd

            // The end is where the reason of a failure stands. Who reads further up is left there.
            function toEnd() {
                if (sheet.following)
                    contentY = Math.max(0, contentHeight - height);
            }

            TextEdit {
                id: area

                objectName: "outputText"
                width: flick.width - 16
                readOnly: true
                selectByMouse: true
                activeFocusOnTab: true
                textFormat: TextEdit.PlainText
                renderType: TextEdit.NativeRendering
                wrapMode: TextEdit.Wrap
                text: App.log.outputText
                color: Theme.text
                selectionColor: Theme.accent
                selectedTextColor: Theme.accentText
                font.family: Theme.mono
                font.pixelSize: Math.round(Theme.small * 1.08)
                Accessible.role: Accessible.StaticText
                Accessible.name: qsTr("Output")
            }
        }
    }

    footer: [
        ActionButton {
            id: shut

            objectName: "outputClose"
            kind: "primary"
            text: qsTr("Close")
            onClicked: sheet.close()
        },
        ActionButton {
            objectName: "outputCopy"
            text: qsTr("Copy All")
            glyph: "⎘"
            onClicked: {
                area.selectAll();
                area.copy();
            }
        }
    ]
}
