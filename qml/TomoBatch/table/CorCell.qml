pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch

// A scan's COR. A finger opens the pad, a mouse or the keyboard types in place.
Item {
    id: cell

    property string corText: ""
    property string corSource: ""
    property string corWarning: ""
    property bool corDoubted: false
    property bool tight: false
    property bool editing: false
    property bool ringed: false
    property bool bubbleAbove: false
    property string refusal: ""
    readonly property string below: corWarning.length > 0 ? "▲ " + corWarning : tight ? corSource : ""

    signal padWanted
    signal typingWanted
    // Changed: typed in, be it to the very same value.
    signal typed(bool changed, string text, int step)
    signal dropped
    signal pasted(string text)
    // What is typed so far is wanted now.
    signal finished

    Accessible.role: Accessible.EditableText
    Accessible.name: qsTr("COR %1 %2 %3").arg(corText).arg(corSource).arg(corWarning)

    Rectangle {
        anchors.fill: parent
        visible: !cell.editing
        radius: Theme.radius
        color: Theme.field
        border.width: cell.ringed ? 3 : 1
        border.color: cell.ringed ? Theme.accent : cell.corWarning.length > 0 ? Theme.warn : hover.hovered ? Theme.dim : Theme.outline

        Words {
            id: value

            x: 12
            y: second.visible ? 3 : 0
            width: parent.width - 18
            height: second.visible ? Math.round((parent.height - 6) * 0.56) : parent.height
            figures: true
            text: cell.corText.length > 0 ? cell.corText : "–"
            color: cell.corText.length > 0 && !cell.corDoubted ? Theme.text : Theme.dim
        }

        Words {
            anchors.right: parent.right
            anchors.rightMargin: 10
            visible: !cell.tight
            height: value.height
            y: value.y
            text: cell.corSource
            color: Theme.dim
            font.pixelSize: Theme.small
        }

        Words {
            id: second

            x: 12
            y: parent.height - height - 4
            width: parent.width - 18
            visible: text.length > 0
            text: cell.below
            color: cell.corWarning.length > 0 ? Theme.warn : Theme.dim
            font.pixelSize: Theme.small
            // Rather smaller than cut off.
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 12
        }
    }

    HoverHandler {
        id: hover
    }

    TapHandler {
        acceptedDevices: PointerDevice.TouchScreen | PointerDevice.Stylus
        enabled: !cell.editing
        onTapped: cell.padWanted()
    }

    TapHandler {
        acceptedDevices: PointerDevice.Mouse | PointerDevice.TouchPad
        enabled: !cell.editing
        onTapped: cell.typingWanted()
    }

    Loader {
        anchors.fill: parent
        active: cell.editing
        sourceComponent: Field {
            id: field

            // What is typed stays when the COR changes meanwhile.
            property string old: ""
            property bool touched: false
            readonly property bool changed: touched || text !== old

            objectName: "corEditor"
            wrong: cell.refusal.length > 0
            font.family: Theme.mono
            inputMethodHints: Qt.ImhFormattedNumbersOnly
            Accessible.name: qsTr("COR")
            Component.onCompleted: {
                old = cell.corText;
                text = old;
                forceActiveFocus();
                selectAll();
            }
            onTextEdited: touched = true
            // Who turns to another window has not said that the number is whole.
            onActiveFocusChanged: {
                if (!activeFocus && focusReason !== Qt.ActiveWindowFocusReason)
                    cell.typed(changed, text, 0);
            }
            Keys.onReturnPressed: cell.typed(changed, text, 1)
            Keys.onEnterPressed: cell.typed(changed, text, 1)
            Keys.onDownPressed: cell.typed(changed, text, 1)
            Keys.onUpPressed: cell.typed(changed, text, -1)
            Keys.onEscapePressed: cell.dropped()
            Keys.onPressed: event => {
                if (event.matches(StandardKey.Paste) && clipboard.read() > 1) {
                    event.accepted = true;
                    cell.pasted(clipboard.text);
                }
            }

            Connections {
                target: cell

                function onFinished() {
                    cell.typed(field.changed, field.text, 0);
                }
            }

            Clipboard {
                id: clipboard
            }
        }
    }

    Loader {
        active: cell.editing && cell.refusal.length > 0
        y: cell.bubbleAbove ? -height - 4 : cell.height + 4
        sourceComponent: Rectangle {
            implicitWidth: sentence.width + 24
            implicitHeight: sentence.height + 16
            radius: Theme.radius
            color: Theme.panel
            border.width: 2
            border.color: Theme.bad

            Words {
                id: sentence

                objectName: "corRefusal"
                x: 12
                y: 8
                width: Math.min(implicitWidth, 32 * Theme.body)
                wrapMode: Text.Wrap
                text: cell.refusal
                Accessible.role: Accessible.AlertMessage
                Accessible.name: text
            }
        }
    }
}
