pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import QtQml
import TomoBatch
import TomoBatch.Core

// What lies over the picture: tools at the lower left, the scale bar at the lower right.
Item {
    id: tools

    required property Viewer viewer
    // The scale bar alone.
    property bool bare: false
    readonly property Measuring measuring: viewer.measuring
    readonly property Item window: T.Overlay.overlay
    // Where the tools find no place side by side, one button opens a list of them.
    readonly property bool folded: width < [auto, contrast, profile, region, save, fit].reduce((sum, button) => sum + button.implicitWidth + row.spacing, -row.spacing)
    // So much of the lower right is taken.
    readonly property real barTop: bar.visible ? height - bar.y : 0

    // The keyboard is free again.
    signal putDown

    function key(pressed: int): bool {
        switch (pressed) {
        case Qt.Key_P:
            measuring.toggle("profile");
            return true;
        case Qt.Key_R:
            measuring.toggle("region");
            return true;
        case Qt.Key_C:
            contrastPanel.visible = !contrastPanel.visible;
            if (contrastPanel.visible)
                contrastPanel.forceActiveFocus(Qt.ShortcutFocusReason);
            else
                putDown();
            return true;
        case Qt.Key_S:
            viewer.saving.ask();
            return true;
        case Qt.Key_Escape:
            if (!contrastPanel.visible && measuring.tool.length === 0)
                return false;
            if (contrastPanel.visible)
                contrastPanel.visible = false;
            else
                measuring.putAway();
            putDown();
            return true;
        }
        return false;
    }

    // Ctrl and an arrow move what is measured, with Shift its second end alone.
    function nudge(pressed: int, modifiers: int): bool {
        if (!(modifiers & Qt.ControlModifier) || measuring.tool.length === 0)
            return false;
        const x = pressed === Qt.Key_Right ? 1 : pressed === Qt.Key_Left ? -1 : 0;
        const y = pressed === Qt.Key_Down ? 1 : pressed === Qt.Key_Up ? -1 : 0;
        if (x === 0 && y === 0)
            return false;
        measuring.nudge(x, y, (modifiers & Qt.ShiftModifier) !== 0);
        return true;
    }

    function pick(tool: string) {
        if (tool === "contrast")
            contrastPanel.visible = !contrastPanel.visible;
        else if (tool === "save")
            viewer.saving.ask();
        else
            measuring.toggle(tool);
    }

    Connections {
        target: tools.measuring

        // There is not room for both.
        function onToolTaken() {
            contrastPanel.visible = false;
        }
    }

    Connections {
        target: tools.viewer.saving

        function onAsked() {
            saver.active = true;
            (saver.object as SaveSheet).open();
        }
    }

    Instantiator {
        id: saver

        active: false

        SaveSheet {
            parent: tools.window
            saving: tools.viewer.saving
            onClosed: tools.viewer.saving.leave()
        }
    }

    ContrastPanel {
        id: contrastPanel

        objectName: "contrastPanel"
        visible: false
        anchors.left: parent.left
        anchors.bottom: row.top
        anchors.bottomMargin: Theme.gap
        room: tools.width
        contrast: tools.viewer.contrast
    }

    Row {
        id: row

        visible: !tools.bare
        anchors.left: parent.left
        anchors.bottom: parent.bottom
        spacing: Theme.gap

        ActionButton {
            id: auto

            objectName: "autoContrast"
            text: "Auto"
            Accessible.description: "Contrast by percentiles of this slice"
            onClicked: tools.viewer.autoContrast()
        }

        Toggle {
            id: contrast

            objectName: "contrastButton"
            visible: !tools.folded
            text: "Contrast"
            on: contrastPanel.visible
            onClicked: tools.pick("contrast")
        }

        Toggle {
            id: profile

            objectName: "profileButton"
            visible: !tools.folded
            text: "Profile"
            on: tools.measuring.tool === "profile"
            Accessible.description: "Values along a line that is drawn on the picture"
            onClicked: tools.pick("profile")
        }

        Toggle {
            id: region

            objectName: "regionButton"
            visible: !tools.folded
            text: "Region"
            on: tools.measuring.tool === "region"
            Accessible.description: "Statistics of a rectangle that is drawn on the picture"
            onClicked: tools.pick("region")
        }

        ActionButton {
            id: save

            objectName: "savePicture"
            visible: !tools.folded
            text: "Save…"
            Accessible.description: "Save this slice as a picture or as values"
            onClicked: tools.pick("save")
        }

        ActionButton {
            id: fit

            objectName: "fitPicture"
            text: "Fit"
            Accessible.description: "Show the whole slice"
            onClicked: tools.viewer.fit()
        }

        IconButton {
            id: more

            objectName: "moreTools"
            visible: tools.folded
            glyph: "☰"
            text: "More tools"
            Accessible.role: Accessible.ButtonMenu
            onClicked: list.open()

            Choices {
                id: list

                objectName: "tool"
                name: "More tools"
                ticked: true
                y: -implicitHeight - 4
                lines: [
                    {
                        key: "contrast",
                        text: "Contrast",
                        on: contrastPanel.visible
                    },
                    {
                        key: "profile",
                        text: "Profile",
                        on: tools.measuring.tool === "profile"
                    },
                    {
                        key: "region",
                        text: "Region",
                        on: tools.measuring.tool === "region"
                    },
                    {
                        key: "save",
                        text: "Save…"
                    }
                ]
                onPicked: key => tools.pick(key)
            }
        }
    }

    ScaleBarMark {
        id: bar

        objectName: "scaleBar"
        bar: tools.viewer.scaleBar
        room: tools.width
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        // Above the tools where there is no place beside them.
        anchors.bottomMargin: row.visible && row.width + Theme.gap + width > tools.width ? row.height + Theme.gap + (contrastPanel.visible ? contrastPanel.height + Theme.gap : 0) : 0
    }

    component Toggle: ActionButton {
        property bool on

        kind: on ? "primary" : "plain"
        Accessible.checkable: true
        Accessible.checked: on
    }
}
