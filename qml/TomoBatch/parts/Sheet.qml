pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch

// A dialog inside the window: over everything, the keyboard stays in it, Esc takes the harmless way out.
T.Popup {
    id: sheet

    property string title: ""
    property int sheetWidth: 640
    // Something would be lost by a slip: Esc only asks.
    property bool guarded: false
    default property alias content: body.data
    property alias footer: buttons.data

    signal escaped

    x: Math.round(((parent?.width ?? 0) - width) / 2)
    y: Math.round(((parent?.height ?? 0) - height) / 2)
    width: Math.min(sheetWidth * Math.max(1, Theme.scale * 0.85), (parent?.width ?? 1024) - 32)
    height: Math.min(implicitHeight, (parent?.height ?? 700) - 32)
    implicitHeight: heading.height + body.implicitHeight + buttons.height + 3 * 20 + 20
    padding: 20
    modal: true
    focus: true
    closePolicy: guarded ? T.Popup.NoAutoClose : T.Popup.CloseOnEscape

    T.Overlay.modal: Rectangle {
        color: Theme.veil
    }

    background: Rectangle {
        radius: 14
        color: Theme.panel
        border.width: 1
        border.color: Theme.outline
    }

    contentItem: FocusScope {
        focus: true
        Keys.onEscapePressed: event => {
            event.accepted = sheet.guarded;
            if (sheet.guarded)
                sheet.escaped();
        }
        Accessible.role: Accessible.Dialog
        Accessible.name: sheet.title

        Words {
            id: heading

            width: parent.width
            text: sheet.title
            strong: true
            wrapMode: Text.Wrap
            font.pixelSize: Theme.title
        }

        Item {
            id: body

            anchors.top: heading.bottom
            anchors.topMargin: 20
            anchors.bottom: buttons.top
            anchors.bottomMargin: 20
            width: parent.width
            implicitHeight: children.length > 0 ? children[0].implicitHeight : 0
        }

        Flow {
            id: buttons

            anchors.bottom: parent.bottom
            width: parent.width
            spacing: 16
            layoutDirection: Qt.RightToLeft
        }
    }
}
