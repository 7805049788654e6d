pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch

// A sentence across the window, until someone has read it.
Rectangle {
    id: banner

    property string kind: "info"
    property string text: ""
    property int waiting: 0
    property list<string> actions: []
    // Too little room beside the sentence: the buttons lie below it.
    readonly property bool stacked: actions.length > 0 && buttons.implicitWidth > width * 0.5
    readonly property color tone: kind === "error" ? Theme.bad : kind === "warning" ? Theme.warn : Theme.info

    signal dismissed
    signal acted(string action)

    implicitHeight: Math.max(Theme.target + 8, words.implicitHeight + 24) + (stacked ? Theme.target + Theme.gap : 0)
    color: Theme.panel
    border.width: 2
    border.color: tone
    radius: Theme.radius
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Words {
        id: mark

        x: 18
        height: words.height
        text: banner.kind === "error" ? "✕" : banner.kind === "warning" ? "▲" : "🛈"
        color: banner.tone
        font.pixelSize: Theme.large
    }

    Words {
        id: words

        anchors.left: mark.right
        anchors.leftMargin: 14
        anchors.right: banner.stacked ? parent.right : banner.actions.length > 0 ? buttons.left : close.left
        anchors.rightMargin: 14
        height: parent.height - (banner.stacked ? Theme.target + Theme.gap : 0)
        text: banner.text
        wrapMode: Text.Wrap
        maximumLineCount: 4
    }

    Row {
        id: buttons

        anchors.right: parent.right
        anchors.rightMargin: 8
        anchors.bottom: parent.bottom
        anchors.bottomMargin: banner.stacked ? Theme.gap : Math.round((parent.height - height) / 2)
        spacing: Theme.gap

        Repeater {
            model: banner.actions

            ActionButton {
                required property int index
                required property string modelData

                objectName: "bannerAction" + index
                text: modelData
                onClicked: banner.acted(modelData)
            }
        }
    }

    ActionButton {
        id: close

        objectName: "bannerDismiss"
        visible: banner.actions.length === 0
        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        kind: "quiet"
        meaning: banner.text
        text: banner.waiting > 0 ? qsTr("Next (%1)").arg(banner.waiting) : qsTr("OK")
        onClicked: banner.dismissed()
    }
}
