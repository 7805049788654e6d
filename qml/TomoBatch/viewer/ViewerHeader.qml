pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// Which scan, what of it, and where there are several of that, which: in one line, two or three.
// By hand: a GridLayout whose items change their cells does not always arrange them anew.
Item {
    id: header

    required property Viewer viewer
    // Where the viewer lies over the table anyway there is nothing to enlarge.
    property bool over: false
    // The second picture can neither be enlarged nor be compared once more.
    property bool second: false
    readonly property real compared: second ? 0 : compare.width + Theme.gap
    readonly property real end: (over || second ? width : width - whole.width - Theme.gap) - compared
    readonly property real choices: which.any ? which.implicitWidth + Theme.gap : 0
    readonly property bool two: end < 180 * Theme.scale + Theme.gap + choices + mode.implicitWidth
    readonly property bool three: two && which.any && width < choices + mode.implicitWidth
    readonly property real line: file.height + Theme.gap

    implicitWidth: Math.max(180 * Theme.scale, mode.implicitWidth)
    implicitHeight: mode.y + file.height

    Combo {
        id: file

        objectName: "viewerFile"
        name: "File shown"
        width: header.two ? header.end : header.end - mode.width - Theme.gap - header.choices
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

        x: header.two ? 0 : mode.x - header.choices
        y: header.two ? header.line : 0
        width: header.three ? header.width : header.two ? mode.x - Theme.gap : implicitWidth
        height: file.height
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
        x: (header.two ? header.width : header.end) - width
        y: header.three ? 2 * header.line : header.two ? header.line : 0
        height: file.height
        enabled: header.viewer.scanId >= 0
        labels: ["Raw", "Try", "Full"]
        keys: ["raw", "try", "full"]
        current: header.viewer.mode
        onPicked: key => header.viewer.show(header.viewer.scanId, key)
    }

    ActionButton {
        id: compare

        objectName: "compare"
        visible: !header.second
        x: header.end + Theme.gap
        height: file.height
        text: "Compare"
        enabled: header.viewer.scanId >= 0
        kind: App.pair.open ? "primary" : "plain"
        Accessible.checked: App.pair.open
        Accessible.description: "Another picture beside this one (2)"
        onClicked: App.pair.toggle()
    }

    IconButton {
        id: whole

        objectName: "viewerWhole"
        visible: !header.over && !header.second
        x: header.width - width
        height: file.height
        glyph: "⤢"
        text: header.viewer.whole ? "Viewer beside the table (V)" : "Viewer over the table (V)"
        meaning: "whole"
        kind: header.viewer.whole ? "primary" : "plain"
        Accessible.checked: header.viewer.whole
        onClicked: header.viewer.whole = !header.viewer.whole
    }
}
