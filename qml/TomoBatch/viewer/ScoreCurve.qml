pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// Under a Try: how sharp its candidates are, what is wrong with it, and the way back to the scan before.
ColumnLayout {
    id: strip

    // There is little height.
    property bool low: false
    readonly property Picking picking: App.picking
    // Who measures wants to see the slice.
    readonly property bool curved: picking.offered && App.viewer.measuring.tool.length === 0
    // From the first COR that was picked on: before, there is no way back, and nothing to be switched off.
    readonly property bool moving: picking.offered && (picking.backName.length > 0 || !Settings.moveOn)
    readonly property color ground: Theme.dark ? Theme.field : Theme.raised

    function key(pressed: int): bool {
        switch (pressed) {
        case Qt.Key_B:
            picking.goToBest();
            return true;
        case Qt.Key_W:
            picking.openWall();
            return true;
        case Qt.Key_Backspace:
            picking.back();
            return true;
        }
        return false;
    }

    spacing: Theme.gap
    visible: curved || moving || picking.warning.length > 0

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap
        visible: strip.picking.warning.length > 0

        Words {
            objectName: "scoreWarning"
            Layout.fillWidth: true
            text: "▲ " + strip.picking.warning
            color: Theme.warn
            wrapMode: Text.Wrap
            maximumLineCount: 3
        }

        ActionButton {
            objectName: "scoreRemedy"
            visible: text.length > 0
            text: strip.picking.remedyText
            onClicked: strip.picking.remedy()
        }
    }

    ScoreView {
        id: view

        objectName: "scoreView"
        Layout.fillWidth: true
        Layout.preferredHeight: Math.round((strip.low ? 46 : 72) + 30 * Theme.scale)
        visible: strip.curved
        picking: strip.picking
        ground: strip.ground
        ink: Theme.dim
        curve: Theme.text
        other: Theme.faint
        shown: Theme.accent
        row: Theme.good
        font: Qt.font({
            family: Theme.mono,
            pixelSize: Theme.small
        })
        Accessible.role: Accessible.Graphic
        Accessible.name: strip.picking.text

        Words {
            objectName: "scoreText"
            x: Theme.gap
            y: 4
            width: parent.width - (keys.visible ? keys.width + Theme.gap : 0) - 2 * Theme.gap
            text: strip.picking.text
            color: Theme.good
            font.pixelSize: Theme.small
        }

        Row {
            id: keys

            anchors.right: parent.right
            anchors.rightMargin: Theme.gap
            y: 4
            spacing: Theme.gap
            visible: view.width > 460 * Theme.scale

            Words {
                text: "— gradient"
                color: Theme.text
                font.pixelSize: Theme.small
            }

            Words {
                text: "- - entropy"
                color: Theme.dim
                font.pixelSize: Theme.small
            }
        }

        MouseArea {
            objectName: "scoreHands"
            anchors.fill: parent
            preventStealing: true
            onPressed: mouse => view.goTo(mouse.x)
            onPositionChanged: mouse => view.goTo(mouse.x)
        }
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap
        visible: strip.moving

        ActionButton {
            objectName: "backToScan"
            visible: strip.picking.backName.length > 0
            Layout.fillWidth: true
            Layout.maximumWidth: Math.ceil(implicitWidth) + 2
            text: "◀ " + strip.picking.backName
            Accessible.name: "Back to " + strip.picking.backName
            onClicked: strip.picking.back()
        }

        Check {
            objectName: "moveOn"
            text: "Move on after picking"
            ticked: Settings.moveOn
            onClicked: Settings.moveOn = !Settings.moveOn
        }

        Item {
            Layout.fillWidth: true
        }
    }
}
