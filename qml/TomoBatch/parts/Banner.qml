import QtQuick
import TomoBatch

// A sentence across the window, until someone has read it.
Rectangle {
    id: banner

    property string kind: "info"
    property string text: ""
    property int waiting: 0
    readonly property color tone: kind === "error" ? Theme.bad : kind === "warning" ? Theme.warn : Theme.info

    signal dismissed

    implicitHeight: Math.max(Theme.target + 8, words.implicitHeight + 24)
    color: Theme.panel
    border.width: 2
    border.color: tone
    radius: Theme.radius
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Words {
        id: mark

        x: 18
        height: parent.height
        text: banner.kind === "error" ? "✕" : banner.kind === "warning" ? "▲" : "🛈"
        color: banner.tone
        font.pixelSize: Theme.large
    }

    Words {
        id: words

        anchors.left: mark.right
        anchors.leftMargin: 14
        anchors.right: close.left
        anchors.rightMargin: 14
        height: parent.height
        text: banner.text
        wrapMode: Text.Wrap
        maximumLineCount: 4
    }

    ActionButton {
        id: close

        objectName: "bannerDismiss"
        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        kind: "quiet"
        meaning: banner.text
        text: banner.waiting > 0 ? qsTr("Next (%1)").arg(banner.waiting) : qsTr("OK")
        onClicked: banner.dismissed()
    }
}
