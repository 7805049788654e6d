pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch

// A small number between − and +.
FocusScope {
    id: control

    property int value: 1
    property int from: 1
    property int to: 8
    property string name: ""

    signal picked(int value)

    implicitWidth: row.implicitWidth
    implicitHeight: Theme.target
    Accessible.role: Accessible.SpinBox
    Accessible.name: name

    Row {
        id: row

        spacing: Theme.gap

        IconButton {
            objectName: control.objectName + "Less"
            glyph: "−"
            text: qsTr("%1: one less").arg(control.name)
            enabled: control.enabled && control.value > control.from
            autoRepeat: true
            onClicked: control.picked(control.value - 1)
        }

        Words {
            width: Math.max(32, implicitWidth)
            height: Theme.target
            horizontalAlignment: Text.AlignHCenter
            text: control.value > 0 ? control.value : "–"
            figures: true
            font.pixelSize: Theme.large
        }

        IconButton {
            objectName: control.objectName + "More"
            glyph: "+"
            text: qsTr("%1: one more").arg(control.name)
            enabled: control.enabled && control.value < control.to
            autoRepeat: true
            onClicked: control.picked(control.value + 1)
        }
    }
}
