pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The scans of the folder. One stop for Tab; arrows move in it, Space selects, Enter does what the cursor is on.
Item {
    id: table

    property int editId: -1
    property int reachedId: -1
    property int place: 1
    property string refusal: ""
    property int topId: -1
    property real seen: 0
    // The cursor's ring is for the keyboard; a finger knows where it is.
    property bool byKeys: false
    property bool marked: false

    signal viewed
    signal padWanted(int scanId, string name, string cor)

    function reach(scanId: int) {
        reachedId = scanId;
        list.currentIndex = App.scans.rowOf(scanId);
    }

    function edit(scanId: int) {
        refusal = "";
        reach(scanId);
        editId = scanId;
        list.positionViewAtIndex(list.currentIndex, ListView.Contain);
    }

    function openPad(scanId: int) {
        reach(scanId);
        list.positionViewAtIndex(list.currentIndex, ListView.Contain);
        place = 1;
        byKeys = true;
        padWanted(scanId, list.row.name, list.row.corText);
    }

    function leave() {
        editId = -1;
        refusal = "";
        list.forceActiveFocus(Qt.OtherFocusReason);
    }

    // Only what was changed is handed over: walking through the rows marks nothing as typed.
    function take(scanId: int, changed: bool, text: string, step: int) {
        if (editId !== scanId)
            return;
        const said = changed ? App.cors.set(scanId, text) : "";
        if (said.length > 0) {
            refusal = said;
            return;
        }
        const next = step > 0 ? App.scans.nextIdForCor(scanId) : step < 0 ? App.scans.idAt(App.scans.rowOf(scanId) - 1) : -1;
        if (next >= 0)
            edit(next);
        else if (step !== 0)
            leave();
        else
            editId = -1;
    }

    function paste(scanId: int, text: string) {
        const said = App.cors.paste(scanId, text);
        leave();
        if (said.length > 0) {
            edit(scanId);
            refusal = said;
        }
    }

    // Before all of the list is made anew: rows may be hidden above, or gone.
    function remember() {
        seen = list.contentY - list.originY;
        topId = App.scans.idAt(Math.floor(seen / Theme.rowHeight));
    }

    function stay() {
        list.currentIndex = App.scans.rowOf(reachedId);
    }

    function comeBack() {
        stay();
        list.forceLayout();
        const row = App.scans.rowOf(topId);
        const wanted = row < 0 ? seen : row * Theme.rowHeight + seen % Theme.rowHeight;
        list.contentY = list.originY + Math.max(0, Math.min(wanted, list.contentHeight - list.height));
    }

    TableColumns {
        id: columns

        width: list.width
    }

    TableHeader {
        id: header

        width: parent.width
        columns: columns
    }

    // A row that moved away would take along what is only half typed.
    Binding {
        target: App.scans
        property: "still"
        value: table.editId >= 0
    }

    Connections {
        target: App.scans

        function onLayoutChanged() {
            table.stay();
        }

        function onModelAboutToBeReset() {
            table.remember();
        }

        function onModelReset() {
            // The list has to take notice of it first.
            Qt.callLater(table.comeBack);
        }
    }

    Connections {
        target: App.picking

        function onMoved(scanId: int) {
            list.positionViewAtIndex(App.scans.rowOf(scanId), ListView.Contain);
        }
    }

    ListView {
        id: list

        objectName: "scanList"
        anchors.top: header.bottom
        anchors.bottom: parent.bottom
        width: parent.width
        clip: true
        model: App.scans
        reuseItems: true
        cacheBuffer: Theme.rowHeight * 4
        activeFocusOnTab: true
        keyNavigationEnabled: false
        highlightFollowsCurrentItem: false
        currentIndex: -1
        boundsBehavior: Flickable.StopAtBounds
        maximumFlickVelocity: 12000
        Accessible.role: Accessible.Table
        Accessible.name: qsTr("Scans")
        T.ScrollBar.vertical: ScrollLine {
            objectName: "scanScroll"
        }
        onActiveFocusChanged: {
            table.byKeys = activeFocus;
            if (activeFocus && currentIndex < 0 && count > 0)
                goTo(0);
        }

        function goTo(to: int) {
            table.byKeys = true;
            currentIndex = Math.max(0, Math.min(count - 1, to));
            table.reachedId = App.scans.idAt(currentIndex);
            positionViewAtIndex(currentIndex, ListView.Contain);
        }

        readonly property int page: Math.max(1, Math.floor(height / Theme.rowHeight) - 1)
        readonly property ScanRow row: currentItem as ScanRow

        // A row has a button there only while there is something to cancel, or to run again with less.
        function walk(by: int) {
            table.byKeys = true;
            let to = Math.max(0, Math.min(7, table.place + by));
            if (to === 3 && row && !row.canRemedy)
                to += by;
            table.place = to;
        }

        function step(to: int, event: KeyEvent) {
            const from = table.reachedId;
            goTo(to);
            if (event.modifiers & Qt.ShiftModifier)
                App.selection.carry(from, table.reachedId);
        }

        Keys.onUpPressed: event => step(currentIndex - 1, event)
        Keys.onDownPressed: event => step(currentIndex + 1, event)
        Keys.onLeftPressed: walk(-1)
        Keys.onRightPressed: walk(1)
        Keys.onSpacePressed: row?.act(0)
        Keys.onReturnPressed: row?.act(table.place)
        Keys.onEnterPressed: row?.act(table.place)
        Keys.onPressed: event => {
            if (event.matches(StandardKey.Paste) && clipboard.read() > 0 && row)
                table.paste(row.scanId, clipboard.text);
            else if (event.matches(StandardKey.SelectAll))
                App.selection.all();
            else if (event.key === Qt.Key_PageUp)
                step(currentIndex - page, event);
            else if (event.key === Qt.Key_PageDown)
                step(currentIndex + page, event);
            else if (event.key === Qt.Key_Home)
                step(0, event);
            else if (event.key === Qt.Key_End)
                step(count - 1, event);
            else
                return;
            event.accepted = true;
        }

        delegate: ScanRow {
            id: row

            width: ListView.view.width
            columns: columns
            cursor: (table.byKeys || table.marked) && ListView.isCurrentItem ? table.place : -1
            editing: table.editId === scanId
            refusal: editing ? table.refusal : ""
            bubbleAbove: y - list.contentY > list.height - 3 * Theme.rowHeight
            onReached: {
                table.reach(scanId);
                // The note about the row that was tapped keeps the keyboard, or Esc would not close it.
                if (!note.visible)
                    list.forceActiveFocus(Qt.MouseFocusReason);
                table.byKeys = false;
            }
            onPadWanted: table.openPad(scanId)
            onTypingWanted: table.edit(scanId)
            onCorTyped: (changed, text, step) => table.take(scanId, changed, text, step)
            onCorDropped: table.leave()
            onCorPasted: text => table.paste(scanId, text)
            onViewed: table.viewed()
            onExplained: note.tell(row)
        }

        Clipboard {
            id: clipboard
        }
    }

    SelectHands {
        width: columns.nameX
        list: list
    }

    StatusNote {
        id: note
    }

    Words {
        objectName: "allOff"
        anchors.centerIn: list
        width: list.width - 2 * Theme.margin
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        visible: App.scans.shownCount === 0 && App.scans.filter.length === 0 && App.scans.offCount > 0
        text: qsTr("All scans are off the list. Show hidden brings them back.")
        color: Theme.dim
        font.pixelSize: Theme.large
    }

    Column {
        anchors.centerIn: list
        width: list.width - 2 * Theme.margin
        visible: App.scans.shownCount === 0 && App.scans.filter.length > 0
        spacing: Theme.apart

        Words {
            objectName: "noMatch"
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            text: qsTr("No scan matches “%1”.").arg(App.scans.filter)
            color: Theme.dim
            font.pixelSize: Theme.large
        }

        ActionButton {
            objectName: "clearFilter"
            anchors.horizontalCenter: parent.horizontalCenter
            text: qsTr("Show all %1 files").arg(App.scans.fileCount)
            meaning: "clear"
            onClicked: App.scans.filter = ""
        }
    }
}
