import QtQuick
import TomoBatch

// The ring round what the keyboard would act on.
Rectangle {
    id: ring

    property bool shown: false
    property int reach: 3

    anchors.fill: parent
    anchors.margins: -reach
    color: "transparent"
    border.color: Theme.accent
    border.width: 2
    radius: Theme.radius + reach
    visible: shown
}
