pragma ComponentBehavior: Bound

import QtQuick
import TomoBatch
import TomoBatch.Program

// The fields of one machine.
Column {
    id: fields

    readonly property bool far: !App.machines.editor.isLocal
    readonly property real half: width > 560 * Theme.scale ? (width - Theme.apart) / 2 : width

    spacing: 16

    Flow {
        width: parent.width
        spacing: Theme.apart
        visible: fields.far

        Labelled {
            width: fields.half
            label: qsTr("Name")
            problem: App.machines.editor.nameProblem

            Field {
                objectName: "machineName"
                width: parent.width
                wrong: App.machines.editor.nameProblem.length > 0
                text: App.machines.editor.name
                Accessible.name: qsTr("Name")
                onTextEdited: App.machines.editor.set("name", text)
            }
        }

        Labelled {
            width: fields.half
            label: qsTr("SSH alias or host")
            problem: App.machines.editor.hostProblem

            Field {
                objectName: "machineHost"
                width: parent.width
                wrong: App.machines.editor.hostProblem.length > 0
                text: App.machines.editor.host
                placeholderText: qsTr("tomo1, or user@host")
                inputMethodHints: Qt.ImhNoAutoUppercase | Qt.ImhNoPredictiveText
                Accessible.name: qsTr("SSH alias or host")
                onTextEdited: App.machines.editor.set("host", text)
            }
        }
    }

    Words {
        width: parent.width
        visible: !fields.far
        wrapMode: Text.Wrap
        text: qsTr("Local is the machine that this window runs on. It cannot be renamed or removed.")
        color: Theme.dim
    }

    Flow {
        width: parent.width
        spacing: Theme.apart

        Labelled {
            width: fields.half
            label: qsTr("GPUs per machine") + " · " + App.machines.editor.gpusNote

            Spin {
                objectName: "machineGpus"
                height: implicitHeight
                enabled: App.machines.editor.needsGpus
                name: qsTr("GPUs per machine")
                value: App.machines.editor.gpus
                onPicked: value => App.machines.editor.setGpus(value)
            }
        }

        Labelled {
            width: fields.half
            label: qsTr("Engine")
            problem: App.machines.editor.engineProblem

            Column {
                width: parent.width
                spacing: Theme.gap

                Combo {
                    objectName: "machineEngine"
                    name: qsTr("Engine")
                    width: Math.min(parent.width, 260 * Theme.scale)
                    model: App.machines.editor.engines
                    currentIndex: App.machines.editor.engineChoice
                    onActivated: index => App.machines.editor.chooseEngine(index)
                }

                Field {
                    objectName: "machineProgram"
                    width: parent.width
                    visible: App.machines.editor.ownProgram
                    wrong: App.machines.editor.engineProblem.length > 0
                    text: App.machines.editor.ownProgram ? App.machines.editor.program : ""
                    placeholderText: "/opt/tomo/bin/tomocupy"
                    Accessible.name: qsTr("Path of the program there")
                    onTextEdited: App.machines.editor.set("engine", text)
                }
            }
        }
    }

    Labelled {
        width: parent.width
        visible: fields.far
        label: qsTr("Environment, run there before each command")
        problem: App.machines.editor.environmentProblem

        Area {
            id: environment

            objectName: "machineEnvironment"
            width: parent.width
            height: implicitHeight
            wrong: App.machines.editor.environmentProblem.length > 0
            placeholderText: "conda activate tomocupy"
            Accessible.name: qsTr("Environment")
            Component.onCompleted: text = App.machines.editor.environment
            onTextChanged: {
                if (activeFocus)
                    App.machines.editor.set("environment", text);
            }

            Connections {
                target: App.machines.editor

                function onChanged() {
                    if (environment.text !== App.machines.editor.environment)
                        environment.text = App.machines.editor.environment;
                }
            }
        }
    }

    Labelled {
        width: parent.width
        visible: fields.far
        label: qsTr("Folders that it has under another name")
        problem: App.machines.editor.pathsProblem

        PathPairs {
            width: parent.width
        }
    }

    Check {
        objectName: "machineInAny"
        text: qsTr("Any machine may use it")
        ticked: App.machines.editor.inAny
        onClicked: App.machines.editor.setInAny(!ticked)
    }
}
