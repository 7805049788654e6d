pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch

// One of a few words, side by side. `keys` go out, `labels` are shown.
Rectangle {
    id: control

    property list<string> labels: []
    property list<string> keys: labels
    property string current: ""
    property string name: ""

    signal picked(string key)

    implicitWidth: row.implicitWidth + 2
    implicitHeight: Theme.target
    radius: Theme.radius
    color: Theme.field
    border.width: Theme.border
    border.color: Theme.outline
    Accessible.role: Accessible.Grouping
    Accessible.name: name

    Row {
        id: row

        x: 1
        y: 1
        height: parent.height - 2

        Repeater {
            model: control.labels

            ActionButton {
                required property int index
                required property string modelData
                readonly property string key: control.keys[index]

                objectName: control.objectName + "_" + key
                height: row.height
                text: modelData
                kind: control.current === key ? "primary" : "quiet"
                Accessible.role: Accessible.RadioButton
                Accessible.checked: control.current === key
                onClicked: control.picked(key)
            }
        }
    }
}
