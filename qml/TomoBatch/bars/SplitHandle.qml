import QtQuick
import TomoBatch
import TomoBatch.Core

// Between table and viewer: drag it, or move it by the arrow keys.
Rectangle {
    id: handle

    property real room: 1920

    function share(value: real) {
        Settings.viewerShare = Math.max(0.2, Math.min(0.6, value));
    }

    objectName: "splitHandle"
    x: Math.round(room * (1 - Settings.viewerShare)) - width
    width: 12
    color: drag.active ? Theme.pressed : hover.hovered ? Theme.raised : Theme.panel
    activeFocusOnTab: true
    Accessible.role: Accessible.Splitter
    Accessible.name: qsTr("Width of the viewer")
    Keys.onLeftPressed: share(Settings.viewerShare + 0.02)
    Keys.onRightPressed: share(Settings.viewerShare - 0.02)

    Rectangle {
        anchors.centerIn: parent
        width: 4
        height: 56
        radius: 2
        color: handle.activeFocus ? Theme.accent : drag.active ? Theme.text : Theme.outline
    }

    HoverHandler {
        id: hover

        margin: 8
        cursorShape: Qt.SplitHCursor
    }

    DragHandler {
        id: drag

        property real begun: 0

        target: null
        margin: 10
        yAxis.enabled: false
        onActiveChanged: begun = Settings.viewerShare
        onActiveTranslationChanged: {
            if (active)
                handle.share(begun - activeTranslation.x / handle.room);
        }
    }
}
