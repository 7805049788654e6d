pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core

// Goes through the slices by itself: how fast, and what happens at the end.
RowLayout {
    id: bar

    required property Viewer viewer
    // The one button alone.
    property bool brief: false
    // How wide it is with all its buttons.
    readonly property real whole: start.implicitWidth + speed.implicitWidth + end.implicitWidth + 2 * spacing
    readonly property Travel travel: viewer.travel

    spacing: Theme.gap
    Accessible.role: Accessible.Grouping
    Accessible.name: "Play"

    IconButton {
        id: start

        objectName: "play"
        round: true
        glyph: bar.travel.playing ? "⏸" : "▶"
        text: bar.travel.playing ? "Pause" : "Play"
        // Who wants it to stop must not wait.
        meaning: "play"
        kind: bar.travel.playing ? "primary" : "plain"
        font.pixelSize: Theme.title
        implicitWidth: 56
        implicitHeight: 56
        enabled: bar.travel.canPlay
        onClicked: bar.travel.togglePlay()
    }

    Segmented {
        id: speed

        objectName: "playSpeed"
        visible: !bar.brief
        name: "Slices a second"
        implicitHeight: 56
        labels: bar.travel.speeds.map((speed, place) => place === bar.travel.speeds.length - 1 ? speed + "/s" : speed)
        keys: bar.travel.speeds
        current: bar.travel.speed
        onPicked: key => bar.travel.speed = key
    }

    IconButton {
        id: end

        objectName: "playEnd"
        visible: !bar.brief
        glyph: bar.travel.turnsAround ? "↔" : "↻"
        text: bar.travel.turnsAround ? "Turns around at the end" : "Starts over at the end"
        meaning: "end"
        kind: "quiet"
        font.pixelSize: Theme.title
        implicitWidth: 56
        implicitHeight: 56
        onClicked: bar.travel.turnsAround = !bar.travel.turnsAround
    }

    // The next slice may come once the one before was seen.
    Connections {
        target: bar.travel.playing ? bar.Window.window : null

        function onFrameSwapped() {
            bar.travel.painted();
        }
    }
}
