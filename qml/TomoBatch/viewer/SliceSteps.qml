pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The way through the slices, and the COR of the one that is shown: in one line, two, or one each.
// By hand: a GridLayout whose items change their cells does not always arrange them anew.
Item {
    id: steps

    readonly property Viewer viewer: App.viewer
    readonly property real below: play.implicitWidth + Theme.gap + found.implicitWidth
    // Hundreds of candidates want a long slider.
    readonly property bool one: width >= way.buttons + 2 * Theme.apart + 360 * Theme.scale + below
    readonly property bool stacked: width < below

    implicitHeight: found.y + found.height

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
    }

    RowLayout {
        id: found

        x: steps.width - width
        y: steps.stacked ? play.y + play.height + Theme.gap : play.y
        width: steps.one ? implicitWidth : steps.stacked ? steps.width : steps.width - play.width - Theme.gap
        height: play.height
        spacing: Theme.gap

        Words {
            id: cor

            objectName: "sliceLabel"
            Layout.fillWidth: true
            Layout.minimumWidth: widest.advanceWidth
            horizontalAlignment: steps.stacked ? Text.AlignLeft : Text.AlignRight
            text: steps.viewer.mode === "try" ? steps.viewer.label : ""
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
            visible: steps.viewer.mode === "try"
            text: steps.viewer.corInUse ? "COR in use ✓" : "Use this COR"
            meaning: "use this COR" + steps.viewer.arrivals
            kind: steps.viewer.corInUse ? "plain" : "primary"
            enabled: steps.viewer.canUseCor && !steps.viewer.corInUse
            onClicked: steps.viewer.useThisCor()
        }
    }
}
