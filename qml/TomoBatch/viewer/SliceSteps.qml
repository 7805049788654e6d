pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The way through the slices; of a Try, the ways to the best, and the COR of the one that is shown: in one line, two, or one each.
// By hand: a GridLayout whose items change their cells does not always arrange them anew.
Item {
    id: steps

    readonly property Viewer viewer: App.viewer
    readonly property bool candidates: viewer.mode === "try"
    readonly property real best: App.picking.offered ? ways.implicitWidth + Theme.gap : 0
    readonly property real others: best + Theme.gap + found.implicitWidth
    readonly property real below: play.implicitWidth + others
    // Hundreds of candidates want a long slider.
    readonly property real line: way.buttons + 2 * Theme.apart + 360 * Theme.scale + others
    readonly property bool one: width >= line + play.implicitWidth
    readonly property bool stacked: width < below

    implicitHeight: candidates ? found.y + found.height : play.y + play.height

    SliceSlider {
        id: way

        viewer: steps.viewer
        width: steps.one ? steps.width - steps.below - 2 * Theme.apart : steps.width
        tight: steps.width < buttons + 240
    }

    PlayBar {
        id: play

        x: steps.one ? way.width + Theme.apart : 0
        y: steps.one ? way.height - height : way.height + Theme.gap
        viewer: steps.viewer
        // A Try is slid through by hand: how fast it plays may give way to the ways to the best.
        brief: steps.candidates && steps.width < steps.line + whole
    }

    Row {
        id: ways

        x: play.x + play.width + Theme.gap
        y: play.y
        spacing: Theme.gap
        visible: App.picking.offered

        ActionButton {
            objectName: "goToBest"
            height: play.height
            text: "Best"
            Accessible.description: "Show the candidate with the best score (B)"
            enabled: App.picking.hasBest
            onClicked: App.picking.goToBest()
        }

        ActionButton {
            objectName: "openWall"
            height: play.height
            text: "Best five"
            Accessible.description: "Show the five best candidates side by side (W)"
            enabled: App.picking.hasBest
            onClicked: App.picking.openWall()
        }
    }

    RowLayout {
        id: found

        x: steps.width - width
        y: steps.stacked ? play.y + play.height + Theme.gap : play.y
        width: steps.one ? implicitWidth : steps.stacked ? steps.width : steps.width - play.width - steps.best - Theme.gap
        height: play.height
        spacing: Theme.gap

        Words {
            id: cor

            objectName: "sliceLabel"
            Layout.fillWidth: true
            Layout.minimumWidth: widest.advanceWidth
            horizontalAlignment: steps.stacked ? Text.AlignLeft : Text.AlignRight
            text: steps.candidates ? steps.viewer.label : ""
            figures: true
            font.pixelSize: Theme.large

            TextMetrics {
                id: widest

                font: cor.font
                text: "COR 0000.00"
            }
        }

        ActionButton {
            objectName: "useThisCor"
            implicitHeight: 56
            visible: steps.candidates
            text: steps.viewer.corInUse ? "COR in use ✓" : "Use this COR"
            meaning: "use this COR" + steps.viewer.arrivals
            kind: steps.viewer.corInUse ? "plain" : "primary"
            // While the best five hang their own buttons say which COR is used.
            enabled: steps.viewer.canUseCor && !steps.viewer.corInUse && App.picking.wall.indices.length === 0
            onClicked: steps.viewer.useThisCor()
        }
    }
}
