pragma ComponentBehavior: Bound

import QtQuick
import QtQml
import QtQuick.Templates as T
import TomoBatch
import TomoBatch.Program

// The dialogs, each made when it is first wanted: none is needed for the first frame.
Item {
    id: dialogs

    required property Item room
    readonly property bool padOpen: (pad.object as NumberPad)?.opened ?? false

    signal padMoved(int scanId)

    function openPad(scanId: int, name: string, cor: string) {
        pad.active = true;
        (pad.object as NumberPad).show(scanId, name, cor);
    }

    function open(maker: Instantiator) {
        maker.active = true;
        (maker.object as T.Popup).open();
    }

    function openFolder() {
        open(folder);
    }

    function openStop() {
        open(stop);
    }

    // A question about scans of one folder has no answer over another one.
    Connections {
        target: App.folder

        function onOpened() {
            for (const maker of [run, remove, cor, place])
                (maker.object as T.Popup)?.close();
        }
    }

    Connections {
        target: App.program

        function onCloseQuestion() {
            dialogs.open(close);
        }
    }

    Connections {
        target: App.runs

        function onQuestionReady() {
            dialogs.open(run);
        }
    }

    Connections {
        target: App.removal

        function onAsked() {
            dialogs.open(remove);
        }
    }

    Connections {
        target: App.cors.question

        function onAsked() {
            dialogs.open(cor);
        }
    }

    Connections {
        target: App.cors.places

        function onAsked() {
            dialogs.open(place);
        }
    }

    Connections {
        target: App.machines.editor

        function onOpened() {
            dialogs.open(machines);
        }
    }

    Connections {
        target: App.machines.hostKey

        function onAsked() {
            dialogs.open(hostKey);
        }
    }

    Connections {
        target: App.log

        function onOutputChanged() {
            if (App.log.outputOpen)
                dialogs.open(output);
        }
    }

    Instantiator {
        id: pad

        active: false

        NumberPad {
            parent: dialogs.room
            onNext: scanId => dialogs.padMoved(scanId)
        }
    }

    Instantiator {
        id: folder

        active: false

        FolderSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: stop

        active: false

        StopSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: remove

        active: false

        RemoveSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: close

        active: false

        CloseSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: run

        active: false

        RunSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: cor

        active: false

        CorSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: place

        active: false

        PlaceSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: machines

        active: false

        MachinesSheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: hostKey

        active: false

        HostKeySheet {
            parent: dialogs.room
        }
    }

    Instantiator {
        id: output

        active: false

        OutputSheet {
            parent: dialogs.room
        }
    }
}
