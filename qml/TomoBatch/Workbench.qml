pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// What lies where in the window. What the parts do is theirs.
Item {
    id: bench

    // Small windows, or big text: two lines below, chips for tiles, the viewer over the table.
    readonly property bool compact: width < 1500 * Theme.scale
    readonly property bool scansShown: App.folder.isOpen && (App.scans.fileCount > 0 || App.folder.loading)
    property bool viewerOver: false
    // Beside the table there is a way to enlarge it; what lies below stays. Five pictures need all the room.
    readonly property bool whole: !compact && (App.viewer.whole || App.picking.wall.indices.length > 0)
    readonly property bool viewing: viewer.visible && viewer.over
    readonly property bool slim: viewing && compact

    // The viewer lies over the table only when somebody asks for it.
    onCompactChanged: viewerOver = false

    function showViewer() {
        viewerOver = true;
        // Who looks goes through the slices next, by mouse or by keys.
        viewer.forceActiveFocus(Qt.OtherFocusReason);
    }

    function backToTable() {
        viewerOver = false;
        App.viewer.whole = false;
        App.picking.wall.close();
        scanTable.leave();
    }

    Binding {
        target: bench.Window.window
        property: "title"
        value: App.folder.isOpen ? App.folder.path + " – TomoBatch" : "TomoBatch"
    }

    TopBar {
        id: top

        objectName: "topBar"
        width: parent.width
        compact: bench.compact
        viewing: bench.viewing
        onBrowse: dialogs.openFolder()
        onBack: bench.backToTable()
        onViewerWanted: bench.showViewer()
    }

    Item {
        id: middle

        anchors.top: top.bottom
        anchors.bottom: tiles.top
        width: parent.width

        TableBar {
            id: tableBar

            width: scanTable.width
            compact: bench.compact
            enabled: !bench.viewing
            visible: bench.scansShown
        }

        ScanTable {
            id: scanTable

            anchors.top: tableBar.bottom
            anchors.bottom: parent.bottom
            width: bench.compact ? parent.width : split.x
            visible: bench.scansShown
            enabled: !bench.viewing
            marked: dialogs.padOpen
            onViewed: bench.showViewer()
            onPadWanted: (scanId, name, cor) => dialogs.openPad(scanId, name, cor)
        }

        SplitHandle {
            id: split

            height: parent.height
            visible: bench.scansShown && !bench.compact && !bench.whole
            room: parent.width
        }

        ViewerFrame {
            id: viewer

            objectName: "viewerFrame"
            x: over ? 0 : split.x + split.width
            width: parent.width - x
            height: parent.height
            visible: bench.scansShown && (!bench.compact || bench.viewerOver)
            over: bench.compact || bench.whole
            alone: bench.compact
            onBack: bench.backToTable()
        }

        EmptyState {
            objectName: "emptyState"
            anchors.fill: parent
            visible: !bench.scansShown
            onBrowse: dialogs.openFolder()
        }

        Loader {
            anchors.bottom: parent.bottom
            width: parent.width
            height: Math.round(parent.height * 0.55)
            active: Settings.logOpen
            sourceComponent: LogDrawer {}
        }
    }

    TileRow {
        id: tiles

        anchors.bottom: bottom.top
        width: parent.width
        height: bench.slim ? 0 : implicitHeight
        visible: !bench.slim
        compact: bench.compact
    }

    BottomBar {
        id: bottom

        objectName: "bottomBar"
        anchors.bottom: parent.bottom
        width: parent.width
        compact: bench.compact
        slim: bench.slim
        onStopWanted: dialogs.openStop()
    }

    // It lies over the tiles, or in the middle of the upper bar: nothing there is to be tapped.
    Banner {
        objectName: "banner"
        y: bench.slim ? Theme.gap : bottom.y - Math.max(height, Math.round((tiles.height + height) / 2))
        anchors.horizontalCenter: parent.horizontalCenter
        width: bench.slim ? parent.width - 460 * Theme.scale : Math.min(parent.width - 2 * Theme.margin, 1100 * Theme.scale)
        visible: text.length > 0
        text: App.notices.text
        kind: App.notices.kind
        waiting: App.notices.waiting
        actions: App.notices.actions
        onActed: action => App.notices.act(action)
        onDismissed: App.notices.dismiss()
    }

    Dialogs {
        id: dialogs

        room: bench
        onPadMoved: scanId => scanTable.openPad(scanId)
    }

    Shortcut {
        sequences: [StandardKey.Undo]
        enabled: App.cors.canUndo
        onActivated: App.cors.undo()
    }

    Shortcut {
        // By name: where the desktop calls one of them its own, naming it twice would make it mean nothing.
        sequences: ["Ctrl+Shift+Z", "Ctrl+Y"]
        enabled: App.cors.canRedo
        onActivated: App.cors.redo()
    }

    Shortcut {
        sequences: [StandardKey.Find]
        onActivated: top.search()
    }

    Shortcut {
        sequences: [StandardKey.Refresh]
        enabled: App.folder.isOpen && !App.folder.loading
        onActivated: App.folder.refresh()
    }

    Rectangle {
        anchors.fill: parent
        visible: App.closing
        color: Theme.veil

        MouseArea {
            anchors.fill: parent
        }

        Words {
            anchors.centerIn: parent
            text: qsTr("Closing…")
            color: "white"
            font.pixelSize: Theme.huge
        }
    }
}
