pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// The result of a scan: which, the picture, and the way through its slices; beside it another to compare with.
FocusScope {
    id: panel

    readonly property Viewer viewer: App.viewer
    // There is no table beside it.
    property bool alone: false
    readonly property real inside: width - 2 * Theme.margin

    function key(event: KeyEvent): bool {
        if (event.key !== Qt.Key_2 || event.modifiers !== Qt.NoModifier)
            return picture.key(event.key);
        App.pair.toggle();
        return true;
    }

    component PickedFrom: OverPicture {
        required property SlicePicture picture

        anchors.right: parent?.right
        anchors.rightMargin: 72 + Theme.gap
        anchors.top: parent?.top
        anchors.topMargin: width + Theme.gap > picture.wordsRoom - picture.wordsWidth ? picture.wordsBelow : Theme.gap
    }

    objectName: "viewerPanel"
    Accessible.role: Accessible.Pane
    Accessible.name: "Viewer"
    // What lies under the wall takes no key: Enter there would use another COR than those that hang.
    Keys.onPressed: event => event.accepted = wall.visible ? event.key !== Qt.Key_Tab && event.key !== Qt.Key_Backtab : strip.key(event.key) || panel.key(event)
    onVisibleChanged: viewer.travel.halt()

    Rectangle {
        anchors.fill: parent
        color: Theme.panel
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.margin
        spacing: Theme.gap

        GridLayout {
            id: pictures

            readonly property bool two: App.pair.open
            readonly property real half: (panel.inside - Theme.gap) / 2
            readonly property real room: panel.height - 2 * Theme.margin - steps.implicitHeight - 2 * Theme.gap - heading.implicitHeight
            // Side by side or one below the other, whichever shows more of square slices.
            readonly property bool beside: two && Math.min(half - 72, room) > Math.min(panel.inside - 72, (room - heading.implicitHeight - 2 * Theme.gap) / 2)
            readonly property real each: beside ? half : panel.inside

            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            uniformCellWidths: beside

            ColumnLayout {
                id: heading

                spacing: Theme.gap
                Layout.row: 0
                Layout.column: 0
                Layout.fillWidth: true
                Layout.alignment: Qt.AlignTop

                ViewerHeader {
                    viewer: panel.viewer
                    over: panel.alone
                    Layout.fillWidth: true
                }

                VersionLine {
                    versions: panel.viewer.versions
                    Layout.fillWidth: true
                }
            }

            SlicePicture {
                id: picture

                objectName: "firstPicture"
                viewer: panel.viewer
                Layout.row: 1
                Layout.column: 0
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                focus: true

                CrossHair {
                    objectName: "firstMark"
                    at: App.pair.firstMark
                    visible: App.pair.marked && !picture.blank
                }

                PickedFrom {
                    objectName: "firstPicked"
                    picture: picture
                    text: "Use this COR: from here"
                    visible: pictures.two && panel.viewer.mode === "try" && !picture.blank
                }
            }

            Loader {
                active: pictures.two
                visible: active
                Layout.row: pictures.beside ? 0 : 2
                Layout.column: pictures.beside ? 1 : 0
                Layout.fillWidth: true
                Layout.alignment: Qt.AlignTop
                sourceComponent: SecondHeader {
                    viewer: App.pair.second
                    available: pictures.each
                }
            }

            Loader {
                active: pictures.two
                visible: active
                Layout.row: pictures.beside ? 1 : 3
                Layout.column: pictures.beside ? 1 : 0
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                Layout.preferredHeight: picture.implicitHeight
                sourceComponent: SlicePicture {
                    id: other

                    objectName: "secondPicture"
                    equipped: false
                    viewer: App.pair.second

                    CrossHair {
                        objectName: "secondMark"
                        at: App.pair.secondMark
                        visible: App.pair.marked && !other.blank
                    }

                    PickedFrom {
                        objectName: "secondPicked"
                        picture: other
                        text: "To compare only"
                        visible: other.viewer.mode === "try" && !other.blank
                    }
                }
            }
        }

        ScoreCurve {
            id: strip

            low: panel.height < 720 * Theme.scale
            Layout.fillWidth: true
            Layout.fillHeight: false
        }

        SliceSteps {
            id: steps

            Layout.fillWidth: true
        }
    }

    BestWall {
        id: wall

        objectName: "bestWall"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.margins: Theme.margin
        y: Theme.margin + picture.y
        height: strip.y + strip.height - picture.y
        onClosed: picture.forceActiveFocus(Qt.OtherFocusReason)
    }
}
