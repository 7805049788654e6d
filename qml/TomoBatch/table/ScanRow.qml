pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// One scan. The row is addressed by `scanId`; what its buttons do is decided in Python.
Item {
    id: row

    required property int index
    required property int scanId
    required property string name
    required property string details
    required property bool selected
    required property string corText
    required property string corSource
    required property string corWarning
    required property bool corDoubted
    required property string status
    required property string statusKind
    required property string note
    required property bool noteBad
    required property real progress
    required property bool canCancel
    required property bool canViewTry
    required property bool canViewFull
    required property bool canTry
    required property bool canFull
    required property int series
    required property string smaller
    required property bool current
    required property bool off

    required property TableColumns columns
    // What stands where Cancel may be: that, or running once more with less.
    readonly property bool canRemedy: canCancel || smaller.length > 0
    readonly property real remedyX: smaller.length > 0 ? columns.cancelX + Theme.target - columns.remedyWidth : columns.cancelX
    // The keyboard's place in this row, −1 when it is elsewhere.
    property int cursor: -1
    property bool editing: false
    property string refusal: ""
    property bool bubbleAbove: false

    signal reached
    signal padWanted
    signal typingWanted
    signal corTyped(bool changed, string text, int step)
    signal corDropped
    signal corPasted(string text)
    signal viewed
    signal explained

    objectName: "row" + scanId
    height: Theme.rowHeight
    z: editing ? 1 : 0
    Accessible.role: Accessible.Row
    Accessible.name: name + ", " + status

    function act(place: int) {
        if (off)
            App.removal.putBack(scanId);
        else if (place === 0)
            App.selection.press(scanId);
        else if (place === 1)
            typingWanted();
        else if (place === 2)
            explained();
        else if (place === 3 && canCancel)
            App.runs.cancel(scanId);
        else if (place === 3 && smaller.length > 0)
            App.runs.retrySmaller(scanId);
        else if (place === 4 && canViewTry || place === 5 && canViewFull)
            view(place === 4 ? "try" : "full");
        else if (place === 6 && canTry || place === 7 && canFull)
            run(place === 6 ? "try" : "full");
    }

    // What is being typed counts; what of it was refused must not be passed over.
    function run(kind: string) {
        cor.finished();
        if (!editing)
            App.runs.run(kind, scanId);
    }

    function view(mode: string) {
        reached();
        App.viewer.show(scanId, mode);
        viewed();
    }

    Rectangle {
        anchors.fill: parent
        color: row.current ? Theme.selection : row.cursor >= 0 ? Theme.panel : "transparent"
    }

    Rectangle {
        width: 4
        height: parent.height
        visible: row.series >= 0
        color: Theme.series[Math.max(0, row.series) % Theme.series.length]
    }

    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.line
    }

    TapHandler {
        onTapped: row.reached()
    }

    Check {
        objectName: "select" + row.scanId
        x: row.columns.selectX
        width: row.columns.selectWidth
        y: (row.height - height) / 2
        focusPolicy: Qt.NoFocus
        ringed: row.cursor === 0
        ticked: row.selected
        Accessible.name: qsTr("Select %1").arg(row.name)
        onClicked: {
            row.reached();
            row.act(0);
        }
    }

    Column {
        x: row.columns.nameX
        width: row.columns.nameWidth
        anchors.verticalCenter: parent.verticalCenter
        spacing: 2

        Words {
            width: parent.width
            text: row.name
            elide: Text.ElideMiddle
            font.pixelSize: Math.round(Theme.body * 1.06)
        }

        Words {
            width: parent.width
            text: row.details
            color: Theme.dim
            font.pixelSize: Theme.small
        }
    }

    CorCell {
        id: cor

        objectName: "cor" + row.scanId
        x: row.columns.corX
        y: (row.height - height) / 2
        width: row.columns.corWidth
        height: Math.max(Theme.target, Math.round(40 * Theme.scale) + 8)
        corText: row.corText
        corSource: row.corSource
        corWarning: row.corWarning
        corDoubted: row.corDoubted
        tight: row.columns.tight
        editing: row.editing
        ringed: row.cursor === 1
        refusal: row.refusal
        bubbleAbove: row.bubbleAbove
        onPadWanted: row.padWanted()
        onTypingWanted: row.typingWanted()
        onTyped: (changed, text, step) => row.corTyped(changed, text, step)
        onDropped: row.corDropped()
        onPasted: text => row.corPasted(text)
    }

    StatusCell {
        objectName: "status" + row.scanId
        x: row.columns.statusX
        width: (row.canRemedy ? row.remedyX : row.columns.cancelX + Theme.target + row.columns.gap) - row.columns.gap - x
        height: row.height
        status: row.status
        kind: row.statusKind
        note: row.note
        noteBad: row.noteBad
        progress: row.progress
        ringed: row.cursor === 2
        onTapped: {
            row.reached();
            row.explained();
        }
    }

    CellButton {
        objectName: "cancel" + row.scanId
        x: row.columns.cancelX
        y: (row.height - height) / 2
        width: Theme.target
        round: true
        visible: row.canCancel
        ringed: row.cursor === 3
        face: "✕"
        text: qsTr("Cancel %1").arg(row.name)
        onClicked: row.act(3)
    }

    Loader {
        x: row.remedyX
        y: (row.height - height) / 2
        width: row.columns.remedyWidth
        height: Math.min(row.height - 4, Math.max(Theme.target, Math.ceil(Theme.small * 2.7) + 12))
        active: row.smaller.length > 0
        sourceComponent: RetryButton {
            objectName: "smaller" + row.scanId
            ringed: row.cursor === 3
            text: row.smaller
            Accessible.description: row.name
            onClicked: {
                row.reached();
                row.act(3);
            }
        }
    }

    CellButton {
        objectName: "viewTry" + row.scanId
        x: row.columns.viewTryX
        y: (row.height - height) / 2
        width: row.columns.viewTryWidth
        enabled: row.canViewTry
        ringed: row.cursor === 4
        text: qsTr("View Try")
        onClicked: row.act(4)
    }

    CellButton {
        objectName: "viewFull" + row.scanId
        x: row.columns.viewFullX
        y: (row.height - height) / 2
        width: row.columns.viewFullWidth
        enabled: row.canViewFull
        ringed: row.cursor === 5
        text: qsTr("View Full")
        onClicked: row.act(5)
    }

    CellButton {
        objectName: "try" + row.scanId
        x: row.columns.tryX
        y: (row.height - height) / 2
        width: row.columns.tryWidth
        enabled: row.canTry
        ringed: row.cursor === 6
        text: qsTr("Try")
        onClicked: row.act(6)
    }

    CellButton {
        objectName: "full" + row.scanId
        x: row.columns.fullX
        y: (row.height - height) / 2
        width: row.columns.fullWidth
        enabled: row.canFull
        ringed: row.cursor === 7
        text: qsTr("Full")
        onClicked: row.act(7)
    }

    Loader {
        anchors.fill: parent
        z: 2
        active: row.off
        sourceComponent: OffRow {
            scanId: row.scanId
            name: row.name
            ringed: row.cursor >= 0
            buttonX: row.columns.viewTryX
            onReached: row.reached()
        }
    }
}
