pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core

// Which version of the result: the one in its place, the one being made, earlier ones that were kept.
RowLayout {
    id: line

    required property Versions versions

    spacing: Theme.gap
    visible: versions.found.length > 1 || versions.canRemove

    Combo {
        objectName: "viewerVersion"
        name: "Version shown"
        Layout.fillWidth: true
        Layout.minimumWidth: 120
        model: line.versions.found
        textRole: "text"
        valueRole: "key"
        displayText: line.versions.current >= 0 ? line.versions.found[line.versions.current].text : "Version"
        onActivated: line.versions.choose(currentValue)

        // The viewer changes it by itself, too.
        Binding on currentIndex {
            value: line.versions.current
        }
    }

    HoldButton {
        objectName: "removeVersion"
        visible: line.versions.canRemove
        text: "Remove this version"
        onHeld: line.versions.remove()
    }
}
