pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Core

// A bar of a round length. A tap tells where the pixel size comes from.
T.AbstractButton {
    id: mark

    required property ScaleBar bar
    required property real room
    property bool told: false

    visible: bar.shown
    width: Math.max(Theme.target, bar.length + 2 * Theme.gap, label.implicitWidth + 2 * Theme.gap)
    height: Math.max(Theme.target, label.implicitHeight + line.height + 3 * Theme.gap)
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: "Scale bar " + bar.text
    Accessible.description: "Pixel size: " + bar.source
    Accessible.onPressAction: mark.click()
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    onClicked: told = !told
    // A tap elsewhere puts the words away.
    onActiveFocusChanged: if (!activeFocus)
        told = false

    background: Rectangle {
        radius: Theme.radius / 2
        color: Theme.tint(Theme.ground, mark.hovered || mark.down ? 0.9 : 0.6)

        FocusRing {
            shown: mark.visualFocus
        }
    }

    contentItem: Item {
        Words {
            id: label

            objectName: "scaleBarText"
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.bottom: line.top
            anchors.bottomMargin: Theme.gap / 2
            text: mark.bar.text
            font.pixelSize: Theme.small
            elide: Text.ElideNone
        }

        Rectangle {
            id: line

            objectName: "scaleBarLine"
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.bottom: parent.bottom
            anchors.bottomMargin: Theme.gap
            width: mark.bar.length
            height: 4
            color: Theme.text
        }
    }

    OverPicture {
        objectName: "scaleBarSource"
        visible: mark.told
        anchors.right: parent.right
        anchors.bottom: parent.top
        anchors.bottomMargin: Theme.gap
        maximumWidth: mark.room
        text: "Pixel size: " + mark.bar.source
    }
}
