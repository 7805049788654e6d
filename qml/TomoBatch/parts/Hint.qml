pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch

// An extra word beside what the pointer rests on. Nothing depends on it: fingers never see it.
Item {
    id: hint

    property string text: ""
    property bool shown: false
    property bool late: false

    anchors.fill: parent
    onShownChanged: {
        late = false;
        wait.running = shown && text.length > 0;
    }

    Timer {
        id: wait

        interval: 700
        onTriggered: hint.late = true
    }

    Loader {
        active: hint.late
        z: 10
        sourceComponent: Rectangle {
            id: note

            parent: hint.Window.contentItem
            readonly property point place: hint.mapToItem(note.parent, 0, hint.height + 6)

            x: Math.max(4, Math.min(place.x, parent.width - width - 4))
            y: place.y + height > parent.height ? place.y - height - hint.height - 12 : place.y
            z: 1000
            width: label.implicitWidth + 20
            height: label.implicitHeight + 12
            radius: 6
            color: Theme.pressed
            border.width: 1
            border.color: Theme.outline

            Words {
                id: label

                anchors.centerIn: parent
                text: hint.text
                font.pixelSize: Theme.small
            }
        }
    }
}
