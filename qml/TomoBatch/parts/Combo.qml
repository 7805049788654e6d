pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A choice from a list that drops down over everything; rows are 48 px.
T.ComboBox {
    id: control

    property string name: ""
    property int listWidth: width

    implicitWidth: 180
    implicitHeight: Math.max(Theme.target, face.implicitHeight + 16)
    leftPadding: 14
    rightPadding: 40
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    font.family: Theme.sans
    font.pixelSize: Theme.body
    Accessible.role: Accessible.ComboBox
    Accessible.name: name

    contentItem: Words {
        id: face

        text: control.displayText
        font: control.font
        color: control.enabled ? Theme.text : Theme.faint
        elide: Text.ElideMiddle
    }

    indicator: Words {
        x: control.width - width - 14
        height: control.height
        text: "▾"
        color: control.enabled ? Theme.dim : Theme.faint
    }

    background: Rectangle {
        radius: Theme.radius
        color: control.down ? Theme.pressed : control.hovered ? Theme.hovered : Theme.field
        border.width: Theme.border
        border.color: control.enabled ? Theme.outline : Theme.line

        FocusRing {
            shown: control.visualFocus
        }
    }

    delegate: T.ItemDelegate {
        id: entry

        required property int index

        objectName: control.objectName + "_" + index
        width: ListView.view.width
        height: Math.max(Theme.target, line.implicitHeight + 16)
        highlighted: control.highlightedIndex === index
        text: control.textAt(index)
        Accessible.role: Accessible.ListItem
        Accessible.name: text

        contentItem: Words {
            id: line

            leftPadding: 14
            rightPadding: 14
            text: entry.text
            elide: Text.ElideMiddle
            strong: control.currentIndex === entry.index
        }

        background: Rectangle {
            radius: 6
            color: entry.down ? Theme.pressed : entry.highlighted || entry.hovered ? Theme.hovered : "transparent"
        }
    }

    popup: T.Popup {
        readonly property bool upwards: control.mapToItem(null, 0, control.height).y + implicitHeight > (T.ApplicationWindow.window?.height ?? 0)

        y: upwards ? -implicitHeight - 4 : control.height + 4
        width: control.listWidth
        implicitHeight: Math.min(list.contentHeight + 8, Math.max(440, (T.ApplicationWindow.window?.height ?? 0) * 0.74))
        padding: 4

        contentItem: ListView {
            id: list

            clip: true
            model: control.delegateModel
            currentIndex: control.highlightedIndex
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollLine {}
        }

        background: Rectangle {
            radius: Theme.radius
            color: Theme.panel
            border.width: 1
            border.color: Theme.outline
        }
    }
}
