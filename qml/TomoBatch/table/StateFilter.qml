import QtQuick
import TomoBatch
import TomoBatch.Program

// Which states are shown; it says so while it is not all of them. What is typed in the search goes with it.
ActionButton {
    id: filter

    kind: App.tally.byState ? "primary" : "quiet"
    text: App.tally.stateText + " ▾"
    meaning: "filter"
    leftPadding: 12
    rightPadding: 12
    font.pixelSize: Theme.small
    Accessible.role: Accessible.ComboBox
    Accessible.name: qsTr("Show by state: %1").arg(App.tally.stateText)
    onClicked: {
        // As they are now: a line must not move away under a finger.
        choices.lines = App.tally.states;
        choices.opened ? choices.close() : choices.open();
    }

    Choices {
        id: choices

        objectName: "state"
        name: qsTr("Show by state")
        ticked: true
        onPicked: key => App.tally.toggleState(key)
    }
}
