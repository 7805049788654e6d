pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The words over the columns; a tap sorts by that column, a second one the other way round.
Rectangle {
    id: header

    required property TableColumns columns
    readonly property list<int> places: [columns.selectX, columns.nameX, columns.corX, columns.statusX, columns.viewTryX, columns.viewFullX, columns.tryX]
    readonly property list<int> ends: [columns.nameX, columns.corX, columns.statusX, columns.viewTryX, columns.viewFullX, columns.tryX, header.width]

    implicitHeight: Theme.target
    color: Theme.panel

    Repeater {
        model: [qsTr("Select"), qsTr("Filename"), qsTr("COR"), qsTr("Status"), qsTr("View Try"), qsTr("View Full"), qsTr("Actions")]

        T.AbstractButton {
            id: cell

            required property int index
            required property string modelData
            readonly property bool sorted: App.scans.sortColumn === index

            objectName: "header" + index
            x: header.places[index]
            width: (index === 3 ? byState.x - 4 : header.ends[index]) - x
            height: header.height
            text: modelData
            hoverEnabled: true
            focusPolicy: Qt.TabFocus
            Accessible.role: Accessible.ColumnHeader
            Accessible.name: modelData
            Accessible.onPressAction: click()
            Keys.onReturnPressed: click()
            Keys.onEnterPressed: click()
            onClicked: App.scans.sortBy(index)

            contentItem: Words {
                text: cell.modelData + (cell.sorted ? (App.scans.sortDescending ? " ▾" : " ▴") : "")
                color: cell.sorted ? Theme.text : Theme.dim
                strong: cell.sorted
                font.pixelSize: Theme.small
            }

            background: Rectangle {
                color: cell.down ? Theme.pressed : cell.hovered ? Theme.hovered : "transparent"
                x: -6
                width: cell.width - 4
                radius: 6
                border.width: cell.visualFocus ? 2 : 0
                border.color: Theme.accent
            }
        }
    }

    StateFilter {
        id: byState

        objectName: "stateFilter"
        x: header.ends[3] - width - Theme.gap
        width: Math.min(implicitWidth, header.ends[3] - header.places[3] - Theme.small * 5)
        height: header.height
    }
}
