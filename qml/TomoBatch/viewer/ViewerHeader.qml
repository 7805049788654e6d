pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// Which scan, what of it, and where there are several of that, which: in one line, or in two.
GridLayout {
    id: header

    // Not the own width, which grows with what is in here.
    required property real available
    // Where the viewer lies over the table anyway there is nothing to enlarge.
    property bool over: false
    readonly property Viewer viewer: App.viewer
    readonly property bool two: available < 180 * Theme.scale + mode.implicitWidth + (over ? 0 : Theme.target + Theme.gap) + (which.any ? which.implicitWidth + Theme.gap : 0) + Theme.gap
    readonly property bool three: two && which.any && available < which.implicitWidth + Theme.gap + mode.implicitWidth

    columns: 4
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap

    Combo {
        objectName: "viewerFile"
        name: "File shown"
        Layout.row: 0
        Layout.column: 0
        Layout.columnSpan: header.two ? 3 : 1
        Layout.fillWidth: true
        Layout.minimumWidth: 120
        model: App.scans
        textRole: "name"
        valueRole: "scanId"
        displayText: header.viewer.fileName.length > 0 ? header.viewer.fileName : "No file"
        onActivated: header.viewer.show(currentValue, header.viewer.mode)
    }

    RowLayout {
        id: which

        // What of one mode there is to choose from.
        readonly property bool raw: header.viewer.mode === "raw"
        readonly property bool several: header.viewer.rows.length > 1
        readonly property bool any: raw || several

        Layout.row: header.two ? 1 : 0
        Layout.column: header.two ? 0 : 1
        Layout.columnSpan: header.three ? 4 : 1
        Layout.fillWidth: header.two
        spacing: Theme.gap
        visible: any

        Combo {
            objectName: "viewerPart"
            name: "Part of the raw data"
            visible: which.raw
            Layout.fillWidth: true
            implicitWidth: 76 + 90 * Theme.scale
            model: ["Projections", "Corrected", "Sinograms", "Flats", "Darks"]
            currentIndex: header.viewer.parts.indexOf(header.viewer.part)
            onActivated: index => header.viewer.part = header.viewer.parts[index]
        }

        Combo {
            objectName: "viewerRow"
            name: "Detector row"
            visible: which.several
            Layout.fillWidth: true
            implicitWidth: 56 + 56 * Theme.scale
            model: header.viewer.rows
            displayText: "row " + header.viewer.row
            onActivated: index => header.viewer.row = header.viewer.rows[index]
        }
    }

    Segmented {
        id: mode

        objectName: "viewerMode"
        name: "Shown of the scan"
        Layout.row: header.three ? 2 : header.two ? 1 : 0
        Layout.column: 2
        Layout.columnSpan: header.two ? 2 : 1
        enabled: header.viewer.scanId >= 0
        labels: ["Raw", "Try", "Full"]
        keys: ["raw", "try", "full"]
        current: header.viewer.mode
        onPicked: key => header.viewer.show(header.viewer.scanId, key)
    }

    IconButton {
        objectName: "viewerWhole"
        visible: !header.over
        Layout.row: 0
        Layout.column: 3
        glyph: "⤢"
        text: header.viewer.whole ? "Viewer beside the table (V)" : "Viewer over the table (V)"
        meaning: "whole"
        kind: header.viewer.whole ? "primary" : "plain"
        Accessible.checked: header.viewer.whole
        onClicked: header.viewer.whole = !header.viewer.whole
    }
}
