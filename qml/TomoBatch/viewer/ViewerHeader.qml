pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// Which scan, which of its results, and of a Try with several rows, which row.
RowLayout {
    id: header

    required property Viewer viewer

    spacing: Theme.gap

    Combo {
        objectName: "viewerFile"
        name: "File shown"
        Layout.fillWidth: true
        Layout.minimumWidth: 120
        model: App.scans
        textRole: "name"
        valueRole: "scanId"
        displayText: header.viewer.fileName.length > 0 ? header.viewer.fileName : "No file"
        onActivated: header.viewer.show(currentValue, header.viewer.mode)
    }

    Combo {
        objectName: "viewerRow"
        name: "Detector row"
        visible: header.viewer.rows.length > 1
        implicitWidth: 130 * Theme.scale
        model: header.viewer.rows
        displayText: "row " + header.viewer.row
        onActivated: index => header.viewer.row = header.viewer.rows[index]
    }

    Segmented {
        objectName: "viewerMode"
        name: "Result shown"
        enabled: header.viewer.scanId >= 0
        labels: ["Try", "Full"]
        keys: ["try", "full"]
        current: header.viewer.mode
        onPicked: key => header.viewer.show(header.viewer.scanId, key)
    }
}
