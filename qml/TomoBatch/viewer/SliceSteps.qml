pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The way through the slices, and the COR of the one that is shown: in one line, two, or one each.
GridLayout {
    id: steps

    // Not the own width, which grows with what is in here.
    required property real available
    readonly property Viewer viewer: App.viewer
    readonly property real below: play.implicitWidth + Theme.gap + found.implicitWidth
    // Hundreds of candidates want a long slider.
    readonly property bool one: available >= way.buttons + 2 * Theme.gap + 360 * Theme.scale + below
    readonly property bool stacked: available < below

    columns: one ? 3 : stacked ? 1 : 2
    columnSpacing: one ? Theme.apart : Theme.gap
    rowSpacing: Theme.gap

    SliceSlider {
        id: way

        viewer: steps.viewer
        tight: steps.available < buttons + 240
        Layout.columnSpan: steps.one || steps.stacked ? 1 : 2
        Layout.fillWidth: true
    }

    PlayBar {
        id: play

        viewer: steps.viewer
        Layout.alignment: Qt.AlignBottom
    }

    RowLayout {
        id: found

        Layout.fillWidth: !steps.one
        Layout.alignment: Qt.AlignBottom
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
            meaning: "use this COR"
            kind: steps.viewer.corInUse ? "plain" : "primary"
            enabled: steps.viewer.canUseCor && !steps.viewer.corInUse
            onClicked: steps.viewer.useThisCor()
        }
    }
}
