import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A button inside a row: as light as it can be, there are many. The table's keyboard cursor decides on `ringed`.
T.AbstractButton {
    id: control

    property bool ringed: false
    property bool round: false
    property string face: text

    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    implicitHeight: Theme.target
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.onPressAction: control.click()

    background: Rectangle {
        radius: control.round ? height / 2 : Theme.radius
        color: !control.enabled ? "transparent" : control.down ? Theme.pressed : control.hovered ? Theme.hovered : Theme.raised
        border.width: control.ringed ? 3 : 1
        border.color: control.ringed ? Theme.accent : control.enabled ? Theme.outline : Theme.line
    }

    contentItem: Words {
        text: control.face
        color: control.enabled ? Theme.text : Theme.faint
        horizontalAlignment: Text.AlignHCenter
        elide: Text.ElideNone
    }
}
