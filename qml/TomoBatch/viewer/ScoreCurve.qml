pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// Under a Try: how sharp its candidates are, what is wrong with it, and the ways to the best and to the scan before.
ColumnLayout {
    id: strip

    readonly property Picking picking: App.picking
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
    visible: picking.offered || picking.backName.length > 0

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
        Layout.preferredHeight: Math.round(72 + 30 * Theme.scale)
        visible: strip.picking.offered
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
            width: parent.width - keys.width - 3 * Theme.gap
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

    Flow {
        Layout.fillWidth: true
        spacing: Theme.gap

        ActionButton {
            objectName: "goToBest"
            visible: strip.picking.offered
            text: "Best"
            Accessible.description: "Show the candidate with the best score"
            enabled: strip.picking.hasBest
            onClicked: strip.picking.goToBest()
        }

        ActionButton {
            objectName: "openWall"
            visible: strip.picking.offered
            text: "Best five"
            Accessible.description: "Show the five best candidates side by side"
            enabled: strip.picking.hasBest
            onClicked: strip.picking.openWall()
        }

        ActionButton {
            objectName: "backToScan"
            visible: strip.picking.backName.length > 0
            width: Math.min(implicitWidth, 260 * Theme.scale)
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
    }
}
