pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The machines: dot, name, host, and what is not saved yet or wrong.
Rectangle {
    id: frame

    function takeFocus() {
        list.forceActiveFocus(Qt.PopupFocusReason);
    }

    radius: Theme.radius
    color: Theme.field
    border.width: list.activeFocus ? 2 : 1
    border.color: list.activeFocus ? Theme.accent : Theme.line

    ListView {
        id: list

        objectName: "machineRows"
        anchors.fill: parent
        anchors.margins: 4
        clip: true
        model: App.machines.editor.count
        currentIndex: App.machines.editor.current
        activeFocusOnTab: true
        keyNavigationEnabled: false
        boundsBehavior: Flickable.StopAtBounds
        highlightMoveDuration: 0
        T.ScrollBar.vertical: ScrollLine {}
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Machines")
        Keys.onUpPressed: App.machines.editor.select(App.machines.editor.current - 1)
        Keys.onDownPressed: App.machines.editor.select(App.machines.editor.current + 1)

        delegate: T.AbstractButton {
            id: row

            required property int index
            readonly property var line: App.machines.editor.lines[index] ?? {}
            readonly property bool chosen: App.machines.editor.current === index
            readonly property string tail: line.wrong ? "✕" : line.changed ? "✎" : ""

            objectName: "machineRow" + index
            width: ListView.view.width
            height: Math.max(Theme.target + 8, name.implicitHeight + host.implicitHeight + 18)
            hoverEnabled: true
            focusPolicy: Qt.NoFocus
            text: line.name ?? ""
            Accessible.role: Accessible.ListItem
            Accessible.name: [line.name, line.host, line.words, line.wrong ? qsTr("wrong") : line.changed ? qsTr("not saved") : ""].filter(part => part).join(", ")
            Accessible.selected: chosen
            Accessible.onPressAction: row.click()
            onClicked: App.machines.editor.select(index)

            background: Rectangle {
                radius: 6
                color: row.down ? Theme.pressed : row.chosen ? Theme.selection : row.hovered ? Theme.hovered : "transparent"

                Rectangle {
                    width: 4
                    height: parent.height - 16
                    y: 8
                    radius: 2
                    visible: row.chosen
                    color: Theme.accent
                }
            }

            contentItem: Item {
                Dot {
                    id: dot

                    x: 12
                    y: name.y
                    height: name.height
                    mark: row.line.mark ?? "unknown"
                    meaning: row.line.words ?? ""
                }

                Words {
                    id: name

                    x: dot.x + dot.width + 8
                    y: 9
                    width: tail.x - x - 8
                    text: row.line.name ?? ""
                    strong: row.chosen
                    elide: Text.ElideMiddle
                }

                Words {
                    id: host

                    x: name.x
                    y: name.y + name.height
                    width: parent.width - x - 12
                    text: row.line.host ?? ""
                    color: Theme.dim
                    elide: Text.ElideMiddle
                    font.pixelSize: Theme.small
                }

                Words {
                    id: tail

                    x: parent.width - width - 12
                    y: name.y
                    height: name.height
                    text: row.tail
                    color: row.line.wrong ? Theme.bad : Theme.accent
                }
            }
        }
    }
}
