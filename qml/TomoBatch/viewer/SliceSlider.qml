pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core

// Slider and steps. What slice it is stands above the thumb, large while it moves.
Item {
    id: way

    required property Viewer viewer
    readonly property Travel travel: viewer.travel
    readonly property bool ready: viewer.count > 0
    // Too little room for a slider between the buttons: they go below it.
    property bool tight: false
    readonly property real tabOf: 4 * 56 + 3 * Theme.gap

    implicitWidth: tight ? tabOf : tabOf + 160 * Theme.scale
    implicitHeight: steps.y + steps.implicitHeight

    Words {
        objectName: "sliceThumb"
        readonly property real middle: slider.x + slider.thumbX

        x: Math.max(0, Math.min(way.width - width, middle - width / 2))
        width: Math.min(implicitWidth, way.width)
        height: steps.y
        text: way.travel.label
        figures: true
        strong: large
        readonly property bool large: slider.pressed || way.travel.moving
        color: large ? Theme.text : Theme.dim
        font.pixelSize: large ? Theme.title : Theme.body
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Theme.small
        elide: Text.ElideNone
        Accessible.ignored: true
    }

    GridLayout {
        id: steps

        y: Math.ceil(Theme.title * 1.25)
        width: parent.width
        columns: way.tight ? 4 : 5
        columnSpacing: Theme.gap
        rowSpacing: Theme.gap

        StepButton {
            objectName: "stepBackLarge"
            Layout.row: way.tight ? 1 : 0
            Layout.column: 0
            Layout.fillWidth: way.tight
            glyph: "−" + way.travel.largeStep
            text: "Back " + way.travel.largeStep + " slices"
            enabled: way.ready && (way.viewer.index > 0 || down)
            autoRepeatInterval: 160
            onClicked: way.travel.stepLarge(-1)
        }

        StepButton {
            objectName: "stepBack"
            Layout.row: way.tight ? 1 : 0
            Layout.column: 1
            Layout.fillWidth: way.tight
            glyph: "◀"
            text: "Back one slice"
            enabled: way.ready && (way.viewer.index > 0 || down)
            onClicked: way.travel.step(-1)
        }

        LineSlider {
            id: slider

            readonly property real thumbX: handle ? handle.x + handle.width / 2 : 0

            objectName: "sliceSlider"
            Layout.row: 0
            Layout.column: way.tight ? 0 : 2
            Layout.columnSpan: way.tight ? 4 : 1
            Layout.fillWidth: true
            implicitWidth: 140
            implicitHeight: 56
            enabled: way.ready
            to: Math.max(1, way.viewer.count - 1)
            stepSize: 1
            snapMode: LineSlider.SnapAlways
            Accessible.name: "Slice"
            Accessible.description: way.travel.label
            onPressedChanged: way.travel.halt()
            onMoved: way.viewer.index = value

            Binding on value {
                value: way.viewer.index
                when: !slider.pressed
                restoreMode: Binding.RestoreNone
            }
        }

        StepButton {
            objectName: "stepOn"
            Layout.row: way.tight ? 1 : 0
            Layout.column: way.tight ? 2 : 3
            Layout.fillWidth: way.tight
            glyph: "▶"
            text: "On one slice"
            enabled: way.ready && (way.viewer.index < way.viewer.count - 1 || down)
            onClicked: way.travel.step(1)
        }

        StepButton {
            objectName: "stepOnLarge"
            Layout.row: way.tight ? 1 : 0
            Layout.column: way.tight ? 3 : 4
            Layout.fillWidth: way.tight
            glyph: "+" + way.travel.largeStep
            text: "On " + way.travel.largeStep + " slices"
            enabled: way.ready && (way.viewer.index < way.viewer.count - 1 || down)
            autoRepeatInterval: 160
            onClicked: way.travel.stepLarge(1)
        }
    }
}
