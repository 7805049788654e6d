pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Core

// How values become colours. It lies over a corner of the picture, which stays in sight.
FocusScope {
    id: panel

    required property Contrast contrast
    required property real room
    property string refusal: ""
    readonly property Item window: T.Overlay.overlay

    width: Math.min(room, 470 * Theme.scale)
    height: parts.implicitHeight + 2 * Theme.margin
    Accessible.role: Accessible.Grouping
    Accessible.name: "Contrast"
    onVisibleChanged: refusal = ""

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: Theme.panel
        border.width: Theme.border
        border.color: Theme.outline

        // What lies below is not to be moved through it.
        MouseArea {
            anchors.fill: parent
            preventStealing: true
            onWheel: wheel => wheel.accepted = true
        }
    }

    Flow {
        id: parts

        x: Theme.margin
        y: Theme.margin
        width: parent.width - 2 * Theme.margin
        spacing: Theme.gap

        readonly property real half: width < 380 * Theme.scale ? width : (width - spacing) / 2

        Segmented {
            objectName: "contrastMode"
            name: "Contrast by"
            labels: ["Slice", "Volume", "Fixed"]
            keys: ["slice", "volume", "fixed"]
            current: panel.contrast.mode
            onPicked: key => panel.contrast.choose(key)
        }

        Combo {
            objectName: "colorMap"
            name: "Colours"
            width: Math.min(parts.width, 170 * Theme.scale)
            model: panel.contrast.colorMaps
            currentIndex: panel.contrast.colorMaps.indexOf(panel.contrast.colorMap)
            onActivated: index => panel.contrast.colorMap = panel.contrast.colorMaps[index]
        }

        Limit {
            name: "Low"
            objectName: "contrastLow"
            value: panel.contrast.low
            take: text => panel.contrast.typeLow(text)
        }

        Limit {
            name: "High"
            objectName: "contrastHigh"
            value: panel.contrast.high
            take: text => panel.contrast.typeHigh(text)
        }

        Words {
            objectName: "contrastNote"
            width: parts.width
            wrapMode: Text.Wrap
            font.pixelSize: Theme.small
            text: panel.refusal.length > 0 ? "✕  " + panel.refusal : panel.contrast.note
            color: panel.refusal.length > 0 ? Theme.bad : Theme.dim
            Accessible.role: panel.refusal.length > 0 ? Accessible.AlertMessage : Accessible.StaticText
            Accessible.name: text
        }
    }

    component Limit: Row {
        id: limit

        required property string name
        required property string value
        required property var take

        spacing: Theme.gap

        Words {
            id: label

            width: Math.max(implicitWidth, 36 * Theme.scale)
            height: field.height
            text: limit.name
            color: Theme.dim
        }

        Field {
            id: field

            objectName: limit.objectName + "Field"
            width: parts.half - label.width - Theme.gap
            font.family: Theme.mono
            inputMethodHints: Qt.ImhFormattedNumbersOnly
            Accessible.name: limit.name + " limit"
            // Enter would take the COR, an arrow go to another slice.
            Keys.priority: Keys.AfterItem
            Keys.onPressed: event => event.accepted = ![Qt.Key_Escape, Qt.Key_Tab, Qt.Key_Backtab].includes(event.key)
            onTextEdited: {
                wrong = false;
                panel.refusal = "";
            }
            onAccepted: {
                panel.refusal = limit.take(text);
                wrong = panel.refusal.length > 0;
                if (!wrong)
                    selectAll();
            }
            // What was not taken by Enter is not left standing.
            onActiveFocusChanged: {
                if (!activeFocus && focusReason !== Qt.ActiveWindowFocusReason) {
                    wrong = false;
                    text = limit.value;
                }
            }

            Binding on text {
                value: limit.value
                when: !field.activeFocus
                restoreMode: Binding.RestoreNone
            }

            TapHandler {
                acceptedDevices: PointerDevice.TouchScreen | PointerDevice.Stylus
                onTapped: {
                    pad.active = true;
                    (pad.item as NumberPad).ask(limit.name + " limit", limit.value, limit.take);
                }
            }
        }
    }

    Loader {
        id: pad

        active: false
        sourceComponent: NumberPad {
            parent: panel.window
        }
    }
}
