pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// Options of a Try or a Full, folded away. What is set is checked at once and kept.
Column {
    id: part

    required property bool full
    readonly property bool unusual: full ? App.runOptions.unusualFull : App.runOptions.unusualTry
    property bool shown: true
    property bool unfolded: false
    property string refusal: ""

    spacing: Theme.gap
    onShownChanged: refusal = ""

    function take(name: string, text: string) {
        refusal = App.runOptions.set(name, text);
    }

    Connections {
        target: App.runOptions

        function onChanged() {
            App.runs.askAgain();
        }
    }

    ActionButton {
        objectName: "runOptions"
        kind: "quiet"
        glyph: part.unfolded ? "▾" : "▸"
        text: qsTr("Options")
        meaning: "options"
        Accessible.checkable: true
        Accessible.checked: part.unfolded
        onClicked: part.unfolded = !part.unfolded
    }

    Flow {
        width: parent.width
        visible: part.unfolded && !part.full
        spacing: Theme.apart

        Repeater {
            // Made anew each time: what was typed and refused is not what is set.
            model: !part.shown ? [] : [
                {
                    name: "center-search-width",
                    label: qsTr("Search width, px to either side"),
                    text: App.runOptions.searchWidth
                },
                {
                    name: "center-search-step",
                    label: qsTr("Search step, px"),
                    text: App.runOptions.searchStep
                },
                {
                    name: "nsino",
                    label: qsTr("Slice, 0 top to 1 bottom"),
                    text: App.runOptions.slice
                }
            ]

            Column {
                id: entry

                required property var modelData

                spacing: 3

                Words {
                    text: entry.modelData.label
                    color: Theme.dim
                    font.pixelSize: Theme.small
                }

                Field {
                    objectName: "option_" + entry.modelData.name
                    width: 180 * Theme.scale
                    text: entry.modelData.text
                    inputMethodHints: Qt.ImhFormattedNumbersOnly
                    Accessible.name: entry.modelData.label
                    onEditingFinished: part.take(entry.modelData.name, text)
                }
            }
        }
    }

    Flow {
        width: parent.width
        visible: part.unfolded && part.full
        spacing: Theme.apart

        Column {
            spacing: 3

            Words {
                text: qsTr("Format")
                color: Theme.dim
                font.pixelSize: Theme.small
            }

            Segmented {
                objectName: "optionFormat"
                name: qsTr("Format")
                keys: App.runOptions.formats
                labels: App.runOptions.formatWords
                current: App.runOptions.format
                onPicked: key => part.take("save-format", key)
            }
        }

        Column {
            spacing: 3

            Words {
                text: qsTr("Binning")
                color: Theme.dim
                font.pixelSize: Theme.small
            }

            Segmented {
                objectName: "optionBinning"
                name: qsTr("Binning")
                labels: App.runOptions.binnings
                current: App.runOptions.binning
                onPicked: key => part.take("binning", key)
            }
        }
    }

    Check {
        objectName: "optionKeep"
        visible: part.unfolded
        text: qsTr("Keep the earlier result, to compare with")
        ticked: App.runOptions.keepEarlier
        onClicked: App.runOptions.keepEarlier = !ticked
    }

    Words {
        objectName: "optionRefusal"
        width: parent.width
        visible: part.unfolded && part.refusal.length > 0
        wrapMode: Text.Wrap
        text: "✕  " + part.refusal
        color: Theme.bad
        Accessible.role: Accessible.AlertMessage
        Accessible.name: part.refusal
    }

    ActionButton {
        objectName: "optionsReset"
        visible: part.unfolded
        // It keeps its place: what is pressed next must not move away from below the finger.
        enabled: part.unusual
        kind: "quiet"
        glyph: "↩"
        text: qsTr("Back to the defaults")
        onClicked: {
            part.refusal = "";
            App.runOptions.reset(part.full ? "full" : "try");
        }
    }
}
