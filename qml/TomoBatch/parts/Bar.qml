import QtQuick
import TomoBatch

// How far something is, 0 to 1; below zero: it runs, nobody knows how far.
Rectangle {
    id: bar

    property real value: 0
    property color tone: Theme.accent

    implicitHeight: 6
    implicitWidth: 120
    radius: height / 2
    color: Theme.dark ? Theme.raised : Theme.line
    Accessible.role: Accessible.ProgressBar
    Accessible.name: value < 0 ? qsTr("running") : qsTr("%1 %").arg(Math.round(value * 100))

    Rectangle {
        width: bar.value < 0 ? 0 : Math.max(bar.value > 0 ? height : 0, bar.width * Math.min(1, bar.value))
        height: bar.height
        radius: bar.radius
        color: bar.tone
    }
}
