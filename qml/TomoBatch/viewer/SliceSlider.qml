pragma ComponentBehavior: Bound

import QtQuick
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
    readonly property real buttons: backLarge.implicitWidth + back.implicitWidth + on.implicitWidth + onLarge.implicitWidth + 4 * Theme.gap

    readonly property real line: Math.ceil(Theme.title * 1.25)
    readonly property real buttonsLine: tight ? line + slider.height + Theme.gap : line
    readonly property real quarter: Math.floor((width - 3 * Theme.gap) / 4)

    implicitWidth: tight ? buttons : buttons + 160 * Theme.scale
    implicitHeight: buttonsLine + back.height

    Words {
        objectName: "sliceThumb"
        readonly property real middle: slider.x + slider.thumbX

        x: Math.max(0, Math.min(way.width - width, middle - width / 2))
        width: Math.min(implicitWidth, way.width)
        height: way.line
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

    // By hand: a GridLayout whose items change their cells does not always arrange them anew.
    StepButton {
        id: backLarge

        objectName: "stepBackLarge"
        y: way.buttonsLine
        width: way.tight ? way.quarter : implicitWidth
        glyph: "−" + way.travel.largeStep
        text: "Back " + way.travel.largeStep + " slices"
        enabled: way.ready && (way.viewer.index > 0 || down)
        autoRepeatInterval: 160
        onClicked: way.travel.stepLarge(-1)
    }

    StepButton {
        id: back

        objectName: "stepBack"
        x: backLarge.width + Theme.gap
        y: way.buttonsLine
        width: way.tight ? way.quarter : implicitWidth
        glyph: "◀"
        text: "Back one slice"
        enabled: way.ready && (way.viewer.index > 0 || down)
        onClicked: way.travel.step(-1)
    }

    LineSlider {
        id: slider

        readonly property real thumbX: handle ? handle.x + handle.width / 2 : 0

        objectName: "sliceSlider"
        x: way.tight ? 0 : back.x + back.width + Theme.gap
        y: way.line
        width: (way.tight ? way.width : on.x - Theme.gap) - x
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
        id: on

        objectName: "stepOn"
        x: onLarge.x - Theme.gap - width
        y: way.buttonsLine
        width: way.tight ? way.quarter : implicitWidth
        glyph: "▶"
        text: "On one slice"
        enabled: way.ready && (way.viewer.index < way.viewer.count - 1 || down)
        onClicked: way.travel.step(1)
    }

    StepButton {
        id: onLarge

        objectName: "stepOnLarge"
        x: way.width - width
        y: way.buttonsLine
        width: way.tight ? way.quarter : implicitWidth
        glyph: "+" + way.travel.largeStep
        text: "On " + way.travel.largeStep + " slices"
        enabled: way.ready && (way.viewer.index < way.viewer.count - 1 || down)
        autoRepeatInterval: 160
        onClicked: way.travel.stepLarge(1)
    }
}
