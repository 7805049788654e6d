import QtQuick
import TomoBatch

// Words over the picture, readable on black and on white.
Rectangle {
    id: over

    property alias text: words.text
    property alias size: words.font.pixelSize
    property real maximumWidth: 400

    width: words.width + 2 * Theme.gap
    height: words.implicitHeight + Theme.gap
    radius: Theme.radius / 2
    color: Theme.tint(Theme.ground, 0.75)

    Words {
        id: words

        anchors.centerIn: parent
        width: Math.min(implicitWidth, over.maximumWidth - 2 * Theme.gap)
        figures: true
        wrapMode: Text.Wrap
        elide: Text.ElideNone
        font.pixelSize: Theme.small
    }
}
