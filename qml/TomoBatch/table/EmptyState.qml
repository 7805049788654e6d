import QtQuick
import TomoBatch
import TomoBatch.Program

// What there is to see before there are scans: what is missing, and the two ways on.
Rectangle {
    id: empty

    // At the start the last folder is about to be opened: no invitation flashes up before it.
    property bool waited: false
    readonly property bool reading: App.folder.loading || !App.ready && !waited

    signal browse

    color: Theme.ground

    Timer {
        interval: 2000
        running: true
        onTriggered: empty.waited = true
    }

    Words {
        anchors.centerIn: parent
        width: parent.width - 48
        horizontalAlignment: Text.AlignHCenter
        elide: Text.ElideMiddle
        visible: App.folder.loading
        text: qsTr("Reading %1…").arg(App.folder.path)
        color: Theme.dim
        font.pixelSize: Theme.large
    }

    Column {
        visible: !empty.reading
        anchors.centerIn: parent
        width: Math.min(parent.width - 48, 760 * Math.max(1, Theme.scale * 0.85))
        spacing: 20

        Canvas {
            id: rings

            property color tone: Theme.accent

            anchors.horizontalCenter: parent.horizontalCenter
            width: 132
            height: 132
            visible: empty.height > 520
            onToneChanged: requestPaint()
            onPaint: {
                const c = getContext("2d");
                c.reset();
                c.lineWidth = 5;
                for (let n = 0; n < 4; n++) {
                    c.strokeStyle = Qt.alpha(tone, 0.25 + 0.25 * n);
                    c.beginPath();
                    c.arc(66, 66, 62 - 17 * n, n * 0.9, n * 0.9 + 4.6);
                    c.stroke();
                }
            }
        }

        Words {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            strong: true
            font.pixelSize: Theme.huge
            text: App.folder.isOpen ? qsTr("No scans in this folder yet") : qsTr("Choose a folder of scans")
        }

        Words {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            font.pixelSize: Theme.large
            color: Theme.dim
            text: App.folder.isOpen ? qsTr("%1 holds no .h5, .hdf5, .hdf or .nxs file. Scans that arrive later show with Refresh File List.").arg(App.folder.path) : qsTr("TomoBatch lists its scans, finds their centre of rotation with you, and reconstructs them on every GPU there is.")
        }

        Rectangle {
            width: parent.width
            height: trouble.implicitHeight + 28
            visible: App.folder.problem.length > 0
            radius: Theme.radius
            color: Theme.tint(Theme.bad, 0.12)
            border.width: 1
            border.color: Theme.bad

            Words {
                id: trouble

                objectName: "folderProblem"
                x: 18
                width: parent.width - 36
                height: parent.height
                wrapMode: Text.Wrap
                text: "✕  " + App.folder.problem
                color: Theme.bad
            }
        }

        Flow {
            id: ways

            readonly property real wanted: open.implicitWidth + demo.implicitWidth + spacing

            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.min(parent.width, wanted)
            spacing: 16
            topPadding: 8

            ActionButton {
                id: open

                objectName: "openFolder"
                kind: "primary"
                text: qsTr("Open folder")
                font.pixelSize: Theme.large
                leftPadding: 28
                rightPadding: 28
                implicitHeight: 64 * Math.max(1, Theme.scale * 0.85)
                onClicked: empty.browse()
            }

            ActionButton {
                id: demo

                objectName: "tryDemo"
                text: qsTr("Try it with demo scans")
                font.pixelSize: Theme.large
                leftPadding: 28
                rightPadding: 28
                implicitHeight: open.implicitHeight
                onClicked: App.folder.makeDemo()
            }
        }

        Column {
            width: parent.width
            spacing: Theme.gap
            visible: App.folder.recent.length > 0 && empty.height > 640

            Words {
                anchors.horizontalCenter: parent.horizontalCenter
                topPadding: 12
                text: qsTr("Recent folders")
                color: Theme.dim
                font.pixelSize: Theme.small
            }

            Repeater {
                model: App.folder.recent.slice(0, 3)

                ActionButton {
                    required property int index
                    required property string modelData

                    objectName: "recentFolder" + index
                    anchors.horizontalCenter: parent.horizontalCenter
                    width: Math.min(implicitWidth, parent.width)
                    kind: "quiet"
                    text: modelData
                    onClicked: App.folder.openPath(modelData)
                }
            }
        }
    }
}
