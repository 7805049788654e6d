pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// A COR by fingers in gloves. OK takes it and goes to the next row; a tap beside the pad leaves it.
T.Popup {
    id: pad

    property int scanId: -1
    property string fileName: ""
    property string old: ""
    property string typed: ""
    property bool touched: false
    property string refusal: ""
    // For another number than a COR: takes the text, gives a sentence where it is refused.
    property var taker: null
    readonly property int key: Math.round(72 * Math.max(1, Theme.scale * 0.85))

    signal next(int scanId)

    function show(id: int, name: string, cor: string) {
        scanId = id;
        fileName = name;
        old = cor;
        typed = "";
        touched = false;
        refusal = "";
        taker = null;
        open();
    }

    function ask(what: string, number: string, take: var) {
        show(-1, what, number);
        taker = take;
    }

    function press(what: string) {
        refusal = "";
        touched = true;
        if (what === "Clear")
            typed = "";
        else if (what === "⌫")
            typed = typed.slice(0, -1);
        else if (what === "±")
            typed = typed.startsWith("-") ? typed.slice(1) : "-" + typed;
        else if (what !== "." || !typed.includes("."))
            typed += what;
    }

    function take() {
        const said = !touched ? "" : taker ? taker(typed) : App.cors.set(scanId, typed);
        refusal = said;
        if (said.length > 0)
            return;
        if (taker) {
            close();
            return;
        }
        const below = App.scans.nextIdForCor(scanId);
        if (below >= 0)
            next(below);
        else
            close();
    }

    objectName: "numberPad"
    x: (parent?.width ?? 0) - width - 24
    y: Math.max(12, Math.round(((parent?.height ?? 0) - height) / 2))
    padding: 20
    implicitWidth: face.implicitWidth + 2 * padding
    implicitHeight: face.implicitHeight + 2 * padding
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    onOpened: face.forceActiveFocus(Qt.PopupFocusReason)

    T.Overlay.modal: Item {}

    background: Rectangle {
        radius: 14
        color: Theme.panel
        border.width: 2
        border.color: Theme.accent
    }

    contentItem: FocusScope {
        id: face

        implicitWidth: keys.width
        implicitHeight: keys.y + keys.height
        focus: true
        Accessible.role: Accessible.Dialog
        Accessible.name: pad.taker ? pad.fileName : qsTr("COR of %1").arg(pad.fileName)
        Keys.onReturnPressed: pad.take()
        Keys.onEnterPressed: pad.take()
        Keys.onPressed: event => {
            if (event.key === Qt.Key_Backspace)
                pad.press("⌫");
            else if (event.text === "-" && pad.taker)
                pad.press("±");
            else if (event.text.length === 1 && "0123456789.,".includes(event.text))
                pad.press(event.text === "," ? "." : event.text);
            else
                return;
            event.accepted = true;
        }

        Words {
            id: heading

            width: parent.width - Theme.target
            height: Theme.target
            text: pad.fileName
            elide: Text.ElideMiddle
            strong: true
        }

        IconButton {
            objectName: "padClose"
            anchors.right: parent.right
            kind: "quiet"
            glyph: "✕"
            text: qsTr("Leave the pad")
            focusPolicy: Qt.NoFocus
            onClicked: pad.close()
        }

        Rectangle {
            id: window

            anchors.top: heading.bottom
            anchors.topMargin: 8
            width: parent.width
            height: Math.round(64 * Math.max(1, Theme.scale * 0.85))
            radius: Theme.radius
            color: Theme.field
            border.width: 2
            border.color: pad.refusal.length > 0 ? Theme.bad : Theme.outline

            Words {
                objectName: "padTyped"
                x: 16
                width: parent.width - 32
                height: parent.height
                figures: true
                font.pixelSize: Theme.huge
                text: pad.touched ? pad.typed : pad.old.length > 0 ? pad.old : "–"
                color: pad.touched ? Theme.text : Theme.faint
            }
        }

        Words {
            id: note

            objectName: "padNote"
            anchors.top: window.bottom
            anchors.topMargin: 6
            width: parent.width
            height: Math.round(Theme.small * 2.8)
            wrapMode: Text.Wrap
            maximumLineCount: 2
            font.pixelSize: Theme.small
            text: pad.refusal.length > 0 ? pad.refusal : pad.taker ? qsTr("Now %1.").arg(pad.old) : pad.old.length > 0 ? qsTr("COR in pixels; now %1. OK goes on to the next row.").arg(pad.old) : qsTr("COR in pixels. OK goes on to the next row.")
            color: pad.refusal.length > 0 ? Theme.bad : Theme.dim
        }

        Grid {
            id: keys

            anchors.top: note.bottom
            anchors.topMargin: 8
            columns: 4
            spacing: Theme.gap

            Repeater {
                model: ["7", "8", "9", "⌫", "4", "5", "6", "Clear", "1", "2", "3", "", ".", "0", pad.taker ? "±" : "00", ""]

                Item {
                    id: place

                    required property int index
                    required property string modelData

                    width: pad.key
                    height: pad.key

                    ActionButton {
                        objectName: "pad" + place.modelData
                        anchors.fill: parent
                        visible: place.modelData.length > 0
                        text: place.modelData
                        leftPadding: 2
                        rightPadding: 2
                        focusPolicy: Qt.NoFocus
                        font.pixelSize: place.modelData.length > 2 ? Theme.body : Theme.title
                        Accessible.name: place.modelData === "⌫" ? qsTr("Backspace") : place.modelData
                        onClicked: {
                            pad.press(place.modelData);
                        }
                    }
                }
            }
        }

        ActionButton {
            objectName: "padOk"
            anchors.right: keys.right
            anchors.bottom: keys.bottom
            width: pad.key
            height: 2 * pad.key + Theme.gap
            kind: "primary"
            text: qsTr("OK")
            focusPolicy: Qt.NoFocus
            font.pixelSize: Theme.title
            onClicked: pad.take()
        }
    }
}
