import QtQuick
import TomoBatch
import TomoBatch.Program

// Under the column of checkboxes: drawing down or up it selects all that is passed, or not. A tap is the checkbox's.
Item {
    id: hands

    required property ListView list
    // How far from an end of the list the rows begin to move.
    readonly property int edge: Theme.rowHeight
    // In the list as it is seen: its rows move below a finger that rests.
    readonly property real place: list.mapFromItem(null, draw.centroid.scenePosition).y

    function idAt(y: real): int {
        const inside = Math.max(0, Math.min(list.height - 1, y)) + list.contentY - list.originY;
        return App.scans.idAt(Math.max(0, Math.min(list.count - 1, Math.floor(inside / Theme.rowHeight))));
    }

    function go() {
        if (draw.active)
            App.selection.extendTo(idAt(place));
    }

    parent: list.contentItem
    y: list.originY
    z: -1
    height: list.contentHeight
    onPlaceChanged: go()

    DragHandler {
        id: draw

        target: null
        // Before the list takes it for a flick; and what it has it keeps.
        dragThreshold: 5
        grabPermissions: PointerHandler.CanTakeOverFromAnything
        onActiveChanged: {
            if (active) {
                App.selection.toggle(hands.idAt(hands.list.mapFromItem(null, centroid.scenePressPosition).y));
                hands.go();
            }
        }
    }

    Timer {
        readonly property real beyond: hands.place < hands.edge ? hands.place - hands.edge : Math.max(0, hands.place - hands.list.height + hands.edge)

        running: draw.active && beyond !== 0
        interval: 16
        repeat: true
        onTriggered: {
            const list = hands.list;
            const last = list.originY + Math.max(0, list.contentHeight - list.height);
            list.contentY = Math.max(list.originY, Math.min(last, list.contentY + beyond * 0.3));
            hands.go();
        }
    }
}
