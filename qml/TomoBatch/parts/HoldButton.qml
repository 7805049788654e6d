pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A button for what cannot be taken back: it acts when it was held, or Enter or Space on it, for two seconds.
// A tap, a click or an assistive press does nothing but say so: `hint` is shown in stronger words.
T.AbstractButton {
    id: control

    property string hint: qsTr("Hold it for two seconds")
    property string hintNow: qsTr("Keep holding…")
    readonly property real share: Math.min(1, ticks / ticksNeeded)
    property bool byKey: false
    readonly property bool holding: enabled && (pressed || byKey)
    property bool tooShort: false
    // Ticks are counted beside the clock: while the window stands still, letting go cannot be seen.
    readonly property int ticksNeeded: 40
    property int ticks: 0
    property real since: 0

    signal held

    implicitWidth: Math.max(label.implicitWidth, below.implicitWidth) + 48
    implicitHeight: label.implicitHeight + below.implicitHeight + 18
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    font.family: Theme.sans
    font.pixelSize: Theme.body
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: hint
    Accessible.onPressAction: tooShort = true
    onHoldingChanged: {
        if (!holding && ticks > 0)
            tooShort = true;
        if (holding)
            tooShort = false;
        ticks = 0;
        since = Date.now();
    }
    onActiveFocusChanged: byKey = false
    onEnabledChanged: byKey = tooShort = false
    onVisibleChanged: byKey = tooShort = false
    Keys.onPressed: event => {
        if (event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter && event.key !== Qt.Key_Space)
            return;
        event.accepted = true;
        if (!event.isAutoRepeat)
            byKey = true;
    }
    Keys.onReleased: event => {
        if (event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter && event.key !== Qt.Key_Space)
            return;
        event.accepted = true;
        if (!event.isAutoRepeat)
            byKey = false;
    }

    Timer {
        interval: 50
        repeat: true
        running: control.holding
        onTriggered: {
            control.ticks += 1;
            if (control.ticks < control.ticksNeeded || Date.now() - control.since < 2000)
                return;
            control.byKey = false;
            control.ticks = 0;
            control.since = Date.now();
            control.held();
        }
    }

    contentItem: Item {
        Words {
            id: label

            y: (parent.height - implicitHeight - below.implicitHeight) / 2
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: control.text
            color: control.enabled ? Theme.bad : Theme.faint
            font: control.font
        }

        Words {
            id: below

            y: label.y + label.implicitHeight
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: control.holding ? control.hintNow : control.hint
            color: !control.enabled ? Theme.faint : control.tooShort ? Theme.bad : Theme.dim
            strong: control.tooShort && control.enabled
            font.pixelSize: Theme.small
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: control.hovered && control.enabled ? Theme.hovered : "transparent"
        border.width: Theme.border
        border.color: control.enabled ? Theme.bad : Theme.line

        Rectangle {
            objectName: control.objectName + "Fill"
            width: parent.width * control.share
            height: parent.height
            radius: parent.radius
            color: Theme.tint(Theme.bad, 0.4)

            Behavior on width {
                NumberAnimation {
                    duration: control.holding ? 50 : 2 * Theme.duration
                }
            }
        }

        FocusRing {
            shown: control.visualFocus
        }
    }
}
