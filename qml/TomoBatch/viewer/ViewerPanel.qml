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

    objectName: "viewerPanel"
    Accessible.role: Accessible.Pane
    Accessible.name: "Viewer"
    Keys.onPressed: event => event.accepted = strip.key(event.key) || picture.key(event.key)

    Rectangle {
        anchors.fill: parent
        color: Theme.panel
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.margin
        spacing: Theme.gap

        ViewerHeader {
            Layout.fillWidth: true
        }

        SlicePicture {
            id: picture

            viewer: panel.viewer
            Layout.fillWidth: true
            Layout.fillHeight: true
            focus: true
        }

        ScoreCurve {
            id: strip

            Layout.fillWidth: true
        }

        SliceSteps {
            available: panel.width - 2 * Theme.margin
            Layout.fillWidth: true
        }
    }

    BestWall {
        objectName: "bestWall"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.margins: Theme.margin
        y: Theme.margin + picture.y
        height: strip.y + strip.height - picture.y
        onClosed: picture.forceActiveFocus(Qt.OtherFocusReason)
    }
}
