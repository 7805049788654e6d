import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A line of typing, with a glyph before it and a ✕ that empties it, when wanted.
T.TextField {
    id: control

    property string glyph: ""
    property bool clearable: false
    property bool wrong: false

    signal cleared

    implicitWidth: 200
    implicitHeight: Math.max(Theme.target, contentHeight + 16)
    leftPadding: glyph.length > 0 ? 18 + mark.implicitWidth : 12
    rightPadding: clearable && text.length > 0 ? Theme.target : 12
    verticalAlignment: TextInput.AlignVCenter
    color: enabled ? Theme.text : Theme.faint
    placeholderTextColor: Theme.dim
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentText
    selectByMouse: true
    hoverEnabled: true
    renderType: Text.NativeRendering
    font.family: Theme.sans
    font.pixelSize: Theme.body
    Accessible.role: Accessible.EditableText
    Accessible.name: placeholderText

    background: Rectangle {
        radius: Theme.radius
        color: Theme.field
        border.width: control.activeFocus ? 2 : Theme.border
        border.color: control.wrong ? Theme.bad : control.activeFocus ? Theme.accent : control.hovered ? Theme.dim : Theme.outline
    }

    Words {
        id: mark

        x: 12
        height: control.height
        text: control.glyph
        color: Theme.dim
    }

    Words {
        x: control.leftPadding
        width: control.width - control.leftPadding - 12
        height: control.height
        visible: control.length === 0 && control.preeditText.length === 0
        text: control.placeholderText
        color: Theme.dim
    }

    IconButton {
        anchors.right: parent.right
        height: parent.height
        width: Theme.target
        kind: "quiet"
        glyph: "✕"
        font.pixelSize: Theme.body
        text: qsTr("Clear")
        visible: control.clearable && control.text.length > 0
        objectName: control.objectName + "Clear"
        onClicked: {
            control.clear();
            control.cleared();
        }
    }
}
