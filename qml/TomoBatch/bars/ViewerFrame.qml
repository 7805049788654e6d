import QtQuick
import TomoBatch
import TomoBatch.Program

// Where the viewer is: beside the table, or over it with a way back. It is made after the first frame.
FocusScope {
    id: frame

    property bool over: false
    // Over it always: there is no place for a table beside it.
    property bool alone: false
    // It is being made.
    readonly property bool loading: loader.status === Loader.Loading

    signal back

    Keys.onEscapePressed: event => {
        event.accepted = true;
        back();
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.panel
    }

    // What lies under the viewer is not to be touched through it.
    MouseArea {
        anchors.fill: parent
        enabled: frame.over
        onWheel: wheel => wheel.accepted = true
    }

    Loader {
        id: loader

        objectName: "viewerLoader"
        anchors.fill: parent
        active: App.ready
        asynchronous: true
        focus: true
        source: Qt.resolvedUrl("../viewer/ViewerPanel.qml")
        onLoaded: (item as Item).focus = true
    }

    Binding {
        target: loader.item
        property: "alone"
        value: frame.alone
        when: loader.status === Loader.Ready
    }
}
