pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A list that drops down; one tap picks a line and closes it. Lines are `{key, text}`, with `on` where one is
// ticked, and `off` where there is nothing to pick.
T.Popup {
    id: choices

    property string name: ""
    property var lines: []
    property bool ticked: false

    signal picked(string key)

    y: (parent?.height ?? 0) + 4
    padding: 4
    implicitWidth: Math.ceil(Theme.body * 15)
    implicitHeight: Math.min(list.contentHeight + 2 * padding, (T.Overlay.overlay?.height ?? 800) * 0.7)
    margins: 8
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent
    onOpened: {
        list.currentIndex = 0;
        list.forceActiveFocus(Qt.PopupFocusReason);
    }

    background: Rectangle {
        radius: Theme.radius
        color: Theme.panel
        border.width: 1
        border.color: Theme.outline
    }

    contentItem: ListView {
        id: list

        clip: true
        model: choices.lines.length
        boundsBehavior: Flickable.StopAtBounds
        Accessible.role: Accessible.PopupMenu
        Accessible.name: choices.name
        Keys.onReturnPressed: choices.pick(currentIndex)
        Keys.onEnterPressed: choices.pick(currentIndex)
        Keys.onSpacePressed: choices.pick(currentIndex)
        T.ScrollBar.vertical: ScrollLine {}

        delegate: T.ItemDelegate {
            id: line

            required property int index
            readonly property var what: choices.lines[index] ?? {}

            objectName: choices.objectName + "_" + (what.key || "all")
            width: ListView.view.width
            height: Math.max(Theme.target, face.implicitHeight + 16)
            enabled: !what.off
            highlighted: ListView.isCurrentItem
            focusPolicy: Qt.NoFocus
            hoverEnabled: true
            text: what.text ?? ""
            Accessible.role: Accessible.MenuItem
            Accessible.name: text
            Accessible.checkable: choices.ticked
            Accessible.checked: what.on ?? false
            onClicked: choices.pick(index)

            contentItem: Words {
                id: face

                leftPadding: choices.ticked ? 40 : 14
                rightPadding: 14
                text: line.text
                color: line.enabled ? Theme.text : Theme.faint
                strong: line.what.on ?? false
            }

            background: Rectangle {
                radius: 6
                color: line.down ? Theme.pressed : line.highlighted || line.hovered ? Theme.hovered : "transparent"

                Words {
                    x: 14
                    height: parent.height
                    visible: line.what.on ?? false
                    text: "✓"
                    color: Theme.accent
                    strong: true
                }
            }
        }
    }

    function pick(index: int) {
        const line = lines[index];
        if (!line || line.off)
            return;
        close();
        picked(line.key);
    }
}
