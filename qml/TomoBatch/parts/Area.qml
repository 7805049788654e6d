import QtQuick
import QtQuick.Templates as T
import TomoBatch

// Several lines of typing. Tab goes on to the next field, as everywhere.
T.TextArea {
    id: control

    property bool wrong: false

    implicitWidth: 200
    implicitHeight: Math.max(Math.round(Theme.body * 3.2) + 20, contentHeight + 20)
    leftPadding: 12
    rightPadding: 12
    topPadding: 10
    bottomPadding: 10
    color: enabled ? Theme.text : Theme.faint
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentText
    selectByMouse: true
    hoverEnabled: true
    textFormat: TextEdit.PlainText
    wrapMode: TextEdit.WrapAnywhere
    renderType: Text.NativeRendering
    font.family: Theme.mono
    font.pixelSize: Theme.body
    Accessible.role: Accessible.EditableText
    Accessible.multiLine: true
    Keys.priority: Keys.BeforeItem
    Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
    Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)

    background: Rectangle {
        radius: Theme.radius
        color: Theme.field
        border.width: control.activeFocus ? 2 : Theme.border
        border.color: control.wrong ? Theme.bad : control.activeFocus ? Theme.accent : control.hovered ? Theme.dim : Theme.outline
    }

    Words {
        x: control.leftPadding
        y: control.topPadding
        width: control.width - 2 * x
        visible: control.length === 0 && control.preeditText.length === 0
        text: control.placeholderText
        color: Theme.dim
        figures: true
    }
}
