pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The result of a scan: which, the picture, and the way through its slices.
FocusScope {
    id: panel

    readonly property Viewer viewer: App.viewer
    // There is no table beside it.
    property bool alone: false

    objectName: "viewerPanel"
    Accessible.role: Accessible.Pane
    Accessible.name: "Viewer"
    Keys.onPressed: event => event.accepted = picture.key(event.key)
    onVisibleChanged: viewer.travel.halt()

    Rectangle {
        anchors.fill: parent
        color: Theme.panel
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.margin
        spacing: Theme.gap

        ViewerHeader {
            over: panel.alone
            Layout.fillWidth: true
        }

        VersionLine {
            versions: panel.viewer.versions
            Layout.fillWidth: true
        }

        SlicePicture {
            id: picture

            viewer: panel.viewer
            Layout.fillWidth: true
            Layout.fillHeight: true
            focus: true
        }

        SliceSteps {
            Layout.fillWidth: true
        }
    }
}
