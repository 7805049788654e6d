import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A checkbox, 28 px to see and 48 px to hit. It shows `ticked` and changes nothing itself: `clicked` asks for it.
T.AbstractButton {
    id: control

    property bool ticked: false
    property bool ringed: visualFocus

    implicitWidth: text.length > 0 ? Theme.target + label.implicitWidth : Theme.target
    implicitHeight: Theme.target
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.checkable: true
    Accessible.checked: ticked
    Accessible.onPressAction: click()
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    Rectangle {
        x: control.text.length > 0 ? 10 : (control.width - width) / 2
        y: (control.height - height) / 2
        width: 28
        height: 28
        radius: 7
        color: control.ticked ? Theme.accent : control.down ? Theme.pressed : control.hovered ? Theme.hovered : "transparent"
        border.width: control.ticked ? 0 : 2
        border.color: control.enabled ? Theme.dim : Theme.faint

        Words {
            anchors.centerIn: parent
            visible: control.ticked
            text: "✓"
            color: Theme.accentText
            strong: true
            font.pixelSize: 19
        }

        FocusRing {
            shown: control.ringed
            radius: 10
        }
    }

    Words {
        id: label

        x: Theme.target
        height: control.height
        text: control.text
    }
}
