pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Core

// The slice with its histogram, and what lies over it.
Item {
    id: picture

    required property Viewer viewer
    // Whether tools lie over it.
    property bool equipped: true
    // Where other words at the top find a place beside the position, or below it.
    readonly property real wordsWidth: position.visible ? position.width + 3 * Theme.gap : Theme.gap
    readonly property real wordsBelow: position.y + position.height + Theme.gap
    readonly property real wordsRoom: width - view.stripWidth
    readonly property color ground: Theme.dark ? Theme.field : Theme.raised
    readonly property bool blank: viewer.state === "empty" || viewer.state === "error"

    function key(pressed: int): bool {
        switch (pressed) {
        case Qt.Key_Left:
            viewer.travel.step(-1);
            return true;
        case Qt.Key_Right:
            viewer.travel.step(1);
            return true;
        case Qt.Key_PageUp:
            viewer.travel.stepLarge(-1);
            return true;
        case Qt.Key_PageDown:
            viewer.travel.stepLarge(1);
            return true;
        case Qt.Key_Home:
            viewer.travel.toFirst();
            return true;
        case Qt.Key_End:
            viewer.travel.toLast();
            return true;
        case Qt.Key_Space:
            viewer.travel.togglePlay();
            return true;
        case Qt.Key_V:
            viewer.whole = !viewer.whole;
            return true;
        case Qt.Key_Plus:
        case Qt.Key_Equal:
            view.zoom(1.25);
            return true;
        case Qt.Key_Minus:
            view.zoom(0.8);
            return true;
        case Qt.Key_F:
            viewer.fit();
            return true;
        case Qt.Key_Return:
        case Qt.Key_Enter:
            viewer.useThisCor();
            return true;
        }
        return !blank && tools.key(pressed);
    }

    Keys.onPressed: event => event.accepted = !blank && tools.nudge(event.key, event.modifiers)

    implicitHeight: 240
    activeFocusOnTab: true
    Accessible.role: Accessible.Graphic
    Accessible.name: viewer.fileName + " " + viewer.label
    Accessible.focusable: true

    SliceView {
        id: view

        objectName: "sliceView"
        width: parent.width
        height: parent.height - measured.implicitHeight
        viewer: picture.viewer
        ground: picture.ground
        ink: Theme.good
        accent: Theme.accent
        stripWidth: Math.min(72, width / 4)

        SliceHands {
            objectName: "sliceHands"
            view: view
            width: view.width - view.stripWidth
            height: view.height
            enabled: !picture.blank
            onTouched: picture.forceActiveFocus(Qt.MouseFocusReason)
        }

        MeasureHands {
            objectName: "measureHands"
            view: view
            measuring: picture.viewer.measuring
            width: view.width - view.stripWidth
            height: view.height
        }

        ContrastHands {
            objectName: "contrastHands"
            view: view
            anchors.right: parent.right
            width: view.stripWidth
            height: view.height
            enabled: !picture.blank
        }
    }

    PictureMessage {
        anchors.fill: parent
        viewer: picture.viewer
        ground: picture.ground
        visible: picture.blank
    }

    PictureNotes {
        anchors.fill: parent
        anchors.margins: Theme.gap
        anchors.topMargin: position.visible ? position.height + 2 * Theme.gap : Theme.gap
        anchors.rightMargin: view.stripWidth + Theme.gap
        viewer: picture.viewer
        visible: !picture.blank
    }

    OverPicture {
        id: position

        objectName: "viewerPosition"
        anchors.left: parent.left
        anchors.top: parent.top
        anchors.margins: Theme.gap
        maximumWidth: parent.width - view.stripWidth - 2 * Theme.gap
        text: picture.viewer.position
        visible: !picture.blank && text.length > 0
    }

    OverPicture {
        objectName: "viewerWaiting"
        anchors.right: parent.right
        anchors.rightMargin: view.stripWidth + Theme.gap
        anchors.bottom: view.bottom
        anchors.bottomMargin: Theme.gap + (tools.barTop > 0 ? tools.barTop + Theme.gap : 0)
        maximumWidth: parent.width / 2
        text: "Reading " + picture.viewer.label + " …"
        visible: picture.viewer.waiting
    }

    PictureTools {
        id: tools

        viewer: picture.viewer
        anchors.fill: view
        anchors.margins: Theme.gap
        anchors.rightMargin: view.stripWidth + Theme.gap
        // They must not hide a small one.
        bare: !picture.equipped || view.height < 4 * Theme.target
        visible: !picture.blank
        onPutDown: picture.forceActiveFocus(Qt.OtherFocusReason)
    }

    MeasurePanel {
        id: measured

        measuring: picture.viewer.measuring
        room: picture.height
        anchors.bottom: parent.bottom
        width: parent.width
    }

    FocusRing {
        shown: picture.activeFocus
        reach: 0
    }
}
