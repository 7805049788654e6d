pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The target machine with its dot; in the list also what is known of each, how old that is, and the way to Machines.
Combo {
    id: combo

    function follow() {
        currentIndex = Qt.binding(() => App.machines.watch.rowOf(App.target.machine));
    }

    name: qsTr("Target Machine")
    listWidth: Math.min(Math.max(width, 560 * Theme.scale), (T.ApplicationWindow.window?.width ?? 1024) - 40)
    model: App.machines.watch
    textRole: "name"
    displayText: App.target.machine
    leftPadding: 10
    Accessible.description: App.machines.watch.targetWords
    Component.onCompleted: follow()
    onActivated: index => {
        const name = App.machines.watch.nameAt(index);
        // The last line is no machine: the choice stays what it was.
        follow();
        if (name.length > 0)
            App.target.machine = name;
        else
            App.machines.editor.open();
    }

    Binding {
        target: App.machines.watch
        property: "watched"
        value: combo.popup.visible
    }

    contentItem: Item {
        implicitHeight: chosen.implicitHeight

        Dot {
            id: dot

            objectName: "machineDot"
            height: parent.height
            mark: App.machines.watch.targetMark
            meaning: App.machines.watch.targetWords
        }

        Words {
            id: chosen

            x: dot.width + 6
            width: parent.width - x
            height: parent.height
            text: combo.displayText
            font: combo.font
            elide: Text.ElideMiddle
        }
    }

    delegate: T.ItemDelegate {
        id: entry

        required property int index
        required property string name
        required property string mark
        required property string words
        required property string kind

        objectName: combo.objectName + "_" + index
        width: ListView.view.width
        height: Math.max(Theme.target, line.implicitHeight + below.implicitHeight + 14)
        highlighted: combo.highlightedIndex === index
        text: name
        Accessible.role: Accessible.ListItem
        Accessible.name: words.length > 0 ? name + ", " + words : name

        contentItem: Item {
            Dot {
                id: standing

                x: 10
                height: line.height
                y: line.y
                mark: entry.mark
            }

            Words {
                id: line

                x: entry.kind === "edit" ? 14 : standing.x + standing.width + 8
                y: entry.words.length > 0 ? 7 : (parent.height - height) / 2
                width: parent.width - x - 14
                text: entry.name
                elide: Text.ElideMiddle
                strong: combo.currentIndex === entry.index
                color: entry.kind === "edit" ? Theme.accent : Theme.text
            }

            Words {
                id: below

                objectName: combo.objectName + "Words" + entry.index
                x: line.x
                y: line.y + line.height
                width: line.width
                height: text.length > 0 ? implicitHeight : 0
                text: entry.words
                wrapMode: Text.Wrap
                maximumLineCount: 3
                color: entry.mark === "lost" ? Theme.warn : Theme.dim
                font.pixelSize: Theme.small
            }
        }

        background: Rectangle {
            radius: 6
            color: entry.down ? Theme.pressed : entry.highlighted || entry.hovered ? Theme.hovered : "transparent"

            Rectangle {
                width: parent.width
                height: 1
                visible: entry.kind === "edit"
                color: Theme.line
            }
        }
    }
}
