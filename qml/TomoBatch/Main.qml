import QtQuick
import QtQuick.Templates as T
import TomoBatch

// The window itself: painted at once, filled when the program behind it has been loaded. So it names nothing of that.
T.ApplicationWindow {
    id: window

    property url program: ""
    property bool closeWanted: false

    objectName: "window"
    title: "TomoBatch"
    minimumWidth: 1024
    minimumHeight: 700
    color: Theme.ground
    font.family: Theme.sans
    font.pixelSize: Theme.body
    onClosing: close => {
        close.accepted = false;
        closeWanted = true;
    }

    Remembered {
        window: window
    }

    Rectangle {
        width: parent.width
        height: Theme.target + 2 * Theme.margin
        visible: content.status !== Loader.Ready
        color: Theme.panel

        Text {
            x: 20
            anchors.verticalCenter: parent.verticalCenter
            text: window.title
            color: Theme.text
            font.family: Theme.sans
            font.pixelSize: Theme.title
            font.bold: true
        }
    }

    Loader {
        id: content

        anchors.fill: parent
        source: window.program
    }
}
