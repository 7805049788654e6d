pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The way through the slices, and the COR of the one that is shown.
GridLayout {
    id: steps

    // Not the own width, which grows with what is in here.
    required property real available
    readonly property Viewer viewer: App.viewer
    readonly property bool ready: viewer.count > 0
    // Hundreds of candidates want a long slider.
    readonly property bool narrow: available < way.implicitWidth + found.implicitWidth + 320 * Theme.scale

    columns: narrow ? 1 : 2
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap

    RowLayout {
        id: way

        Layout.fillWidth: true
        spacing: Theme.gap

        IconButton {
            objectName: "stepBack"
            glyph: "◀"
            text: "Back one slice"
            implicitWidth: 56
            implicitHeight: 56
            enabled: steps.ready && (steps.viewer.index > 0 || down)
            autoRepeat: true
            autoRepeatInterval: 80
            onClicked: steps.viewer.step(-1)
        }

        LineSlider {
            id: slider

            objectName: "sliceSlider"
            Layout.fillWidth: true
            implicitWidth: 140
            implicitHeight: 56
            enabled: steps.ready
            to: Math.max(1, steps.viewer.count - 1)
            stepSize: 1
            snapMode: LineSlider.SnapAlways
            Accessible.name: "Slice"
            onMoved: steps.viewer.index = value

            Binding on value {
                value: steps.viewer.index
                when: !slider.pressed
                restoreMode: Binding.RestoreNone
            }
        }

        IconButton {
            objectName: "stepOn"
            glyph: "▶"
            text: "On one slice"
            implicitWidth: 56
            implicitHeight: 56
            enabled: steps.ready && (steps.viewer.index < steps.viewer.count - 1 || down)
            autoRepeat: true
            autoRepeatInterval: 80
            onClicked: steps.viewer.step(1)
        }
    }

    RowLayout {
        id: found

        Layout.fillWidth: steps.narrow
        spacing: Theme.gap

        Words {
            id: cor

            objectName: "sliceLabel"
            Layout.fillWidth: true
            Layout.minimumWidth: widest.advanceWidth
            text: steps.viewer.label
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
