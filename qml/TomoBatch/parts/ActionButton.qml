pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A button with words. `kind`: plain, primary, danger, quiet.
T.Button {
    id: control

    property string kind: "plain"
    property string glyph: ""
    // Its words take two lines where they must; who says so gives it a width.
    property bool wraps: false
    // What a tap would do: while that has just changed, a tap meant for the old thing must do nothing.
    property string meaning: text
    readonly property bool settling: settle.running
    readonly property color ink: !enabled ? Theme.faint : kind === "primary" ? Theme.accentText : kind === "danger" ? Theme.bad : Theme.text

    function fill(): color {
        if (kind === "primary")
            return !enabled ? Theme.raised : down ? Theme.accentPressed : hovered ? Theme.accentHovered : Theme.accent;
        if (kind === "quiet" || kind === "danger")
            return down ? Theme.pressed : hovered ? Theme.hovered : "transparent";
        return !enabled ? Theme.panel : down ? Theme.pressed : hovered ? Theme.hovered : Theme.raised;
    }

    function edge(): color {
        if (kind === "quiet" || kind === "primary")
            return "transparent";
        return !enabled ? Theme.line : kind === "danger" ? Theme.bad : Theme.outline;
    }

    implicitWidth: Math.max(Theme.target, contentItem.implicitWidth + leftPadding + rightPadding)
    implicitHeight: Math.max(Theme.target, contentItem.implicitHeight + topPadding + bottomPadding)
    leftPadding: 16
    rightPadding: 16
    topPadding: 6
    bottomPadding: 6
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    font.family: Theme.sans
    font.pixelSize: Theme.body
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.onPressAction: control.click()
    onMeaningChanged: settle.restart()
    Component.onCompleted: settle.stop()
    Keys.onReturnPressed: event => event.accepted = control.press(event.isAutoRepeat)
    Keys.onEnterPressed: event => event.accepted = control.press(event.isAutoRepeat)
    Keys.onSpacePressed: event => event.accepted = control.settling

    function press(repeated: bool): bool {
        if (!repeated && !settling)
            control.click();
        return true;
    }

    contentItem: Item {
        id: face

        readonly property real before: control.glyph.length > 0 ? mark.implicitWidth + Theme.gap : 0

        implicitWidth: before + label.implicitWidth
        implicitHeight: label.implicitHeight

        Words {
            id: mark

            x: label.x - face.before
            height: face.height
            text: control.glyph
            color: control.ink
            font: control.font
        }

        Words {
            id: label

            x: control.wraps ? face.before : Math.max(face.before, (face.width + face.before - implicitWidth) / 2)
            height: face.height
            width: control.wraps ? face.width - face.before : Math.min(implicitWidth, face.width - face.before)
            text: control.text
            color: control.ink
            font: control.font
            wrapMode: control.wraps ? Text.WordWrap : Text.NoWrap
            horizontalAlignment: control.wraps ? Text.AlignHCenter : Text.AlignLeft
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: control.fill()
        border.width: Theme.border
        border.color: control.edge()

        FocusRing {
            shown: control.visualFocus
        }
    }

    Timer {
        id: settle

        interval: 800
    }

    MouseArea {
        anchors.fill: parent
        z: 1
        enabled: settle.running
    }
}
