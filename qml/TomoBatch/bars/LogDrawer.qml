pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// What happened, newest last. A job's line leads to its whole output.
Rectangle {
    id: drawer

    color: Theme.panel
    border.width: 1
    border.color: Theme.outline
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Log")

    // Taps and the wheel stay in the drawer.
    MouseArea {
        anchors.fill: parent
        onWheel: wheel => wheel.accepted = true
    }

    Words {
        id: title

        x: Theme.margin + 6
        y: Theme.gap
        height: Theme.target
        text: qsTr("Log")
        strong: true
        font.pixelSize: Theme.large
    }

    Segmented {
        id: levels

        objectName: "logLevel"
        name: qsTr("Level")
        anchors.left: title.right
        anchors.leftMargin: 20
        y: Theme.gap
        keys: ["", "warning", "error"]
        labels: [qsTr("All"), qsTr("Warnings"), qsTr("Errors")]
        current: App.log.filter
        onPicked: key => App.log.filter = key
    }

    Field {
        objectName: "logFile"
        anchors.left: levels.right
        anchors.leftMargin: Theme.gap
        y: Theme.gap
        width: Math.min(320 * Theme.scale, close.x - x - Theme.gap)
        glyph: "⌕"
        clearable: true
        placeholderText: qsTr("Of one file")
        text: App.log.fileFilter
        onTextEdited: App.log.fileFilter = text
        onCleared: App.log.fileFilter = ""
        Keys.onEscapePressed: App.log.fileFilter = ""
    }

    IconButton {
        id: close

        objectName: "logClose"
        anchors.right: parent.right
        anchors.rightMargin: Theme.gap
        y: Theme.gap
        kind: "quiet"
        glyph: "✕"
        text: qsTr("Close the log")
        onClicked: Settings.logOpen = false
    }

    ListView {
        id: list

        property bool following: true

        objectName: "logList"
        anchors.top: title.bottom
        anchors.topMargin: Theme.gap
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 4
        x: 1
        width: parent.width - 2
        clip: true
        model: App.log
        reuseItems: true
        activeFocusOnTab: true
        boundsBehavior: Flickable.StopAtBounds
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Log")
        T.ScrollBar.vertical: ScrollLine {}
        Component.onCompleted: positionViewAtEnd()
        onCountChanged: {
            if (following)
                Qt.callLater(positionViewAtEnd);
        }
        onMovementEnded: following = atYEnd
        Keys.onReturnPressed: (currentItem as LogLine)?.open()
        Keys.onEnterPressed: (currentItem as LogLine)?.open()

        delegate: LogLine {
            width: ListView.view.width
            ringed: list.activeFocus && ListView.isCurrentItem
            onReached: list.currentIndex = index
        }
    }
}
