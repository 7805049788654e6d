import QtQuick
import TomoBatch

// A label over what it names, and below it what is wrong there.
Column {
    id: labelled

    property string label: ""
    property string note: ""
    property string problem: ""
    default property alias content: place.data

    spacing: 3

    Words {
        width: parent.width
        text: labelled.label
        color: Theme.dim
        font.pixelSize: Theme.small
    }

    Item {
        id: place

        width: parent.width
        height: children.length > 0 ? children[0].height : 0
    }

    Words {
        width: parent.width
        visible: text.length > 0
        wrapMode: Text.Wrap
        text: labelled.problem.length > 0 ? "✕  " + labelled.problem : labelled.note
        color: labelled.problem.length > 0 ? Theme.bad : Theme.dim
        font.pixelSize: Theme.small
        Accessible.role: labelled.problem.length > 0 ? Accessible.AlertMessage : Accessible.StaticText
        Accessible.name: text
    }
}
