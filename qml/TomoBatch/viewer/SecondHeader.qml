pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// What the first picture is compared with, whether both have one contrast, and the way back.
GridLayout {
    id: header

    required property Viewer viewer
    // Not the own width, which grows with what is in here.
    required property real available
    readonly property bool two: available < which.implicitWidth + link.implicitWidth + away.implicitWidth + 2 * Theme.gap

    objectName: "secondHeader"
    columnSpacing: Theme.gap
    rowSpacing: 0

    ViewerHeader {
        id: which

        viewer: header.viewer
        second: true
        Layout.row: 0
        Layout.column: 0
        Layout.fillWidth: true
    }

    Check {
        id: link

        objectName: "linkContrast"
        Layout.row: header.two ? 1 : 0
        Layout.column: header.two ? 0 : 1
        Layout.columnSpan: header.two ? 3 : 1
        text: "Link contrast"
        ticked: App.pair.contrastLinked
        onClicked: App.pair.contrastLinked = !App.pair.contrastLinked
    }

    VersionLine {
        versions: header.viewer.versions
        Layout.row: 2
        Layout.column: 0
        Layout.columnSpan: 3
        Layout.fillWidth: true
        Layout.topMargin: Theme.gap
    }

    IconButton {
        id: away

        objectName: "secondAway"
        Layout.row: 0
        Layout.column: 2
        glyph: "✕"
        text: "Compare no more (2)"
        onClicked: App.pair.closeSecond()
    }
}
