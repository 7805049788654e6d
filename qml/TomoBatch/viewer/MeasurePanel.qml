pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core

// What was measured: the curve of a profile, or the figures of a region.
Item {
    id: panel

    required property Measuring measuring
    required property real room
    readonly property bool isProfile: measuring.tool === "profile"
    readonly property bool narrow: width < 480 * Theme.scale

    visible: measuring.tool.length > 0
    implicitHeight: visible ? figures.height + (isProfile ? plot.height + 4 : narrow ? take.height + Theme.gap : 0) + Theme.gap : 0
    Accessible.role: Accessible.Grouping
    Accessible.name: isProfile ? "Profile" : "Region"

    Words {
        id: figures

        objectName: "measured"
        x: Theme.gap
        y: Theme.gap
        width: parent.width - 2 * Theme.gap - (take.visible && !panel.narrow ? take.width + Theme.gap : 0)
        height: Math.max(implicitHeight, panel.isProfile || panel.narrow ? 0 : take.height)
        figures: true
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
        elide: Text.ElideNone
        text: panel.measuring.text.length > 0 ? panel.measuring.text : "Measuring…"
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    ActionButton {
        id: take

        objectName: "contrastFromRegion"
        y: panel.narrow ? figures.y + figures.height + Theme.gap : Theme.gap
        anchors.right: parent.right
        anchors.rightMargin: Theme.gap
        visible: !panel.isProfile
        enabled: panel.measuring.hasRegion
        text: "Contrast from region"
        onClicked: panel.measuring.contrastFromRegion()
    }

    ProfilePlot {
        id: plot

        objectName: "profilePlot"
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 4
        x: Theme.gap
        width: parent.width - 2 * Theme.gap
        height: Math.min(150 * Theme.scale, panel.room * 0.3)
        visible: panel.isProfile
        source: panel.measuring.plot
    }
}
