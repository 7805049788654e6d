pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import TomoBatch
import TomoBatch.Core
import TomoBatch.Program

// Which folder, and what concerns the whole window.
Rectangle {
    id: bar

    property bool compact: false
    // The viewer lies over the table: the way back takes the place of what concerns the table.
    property bool viewing: false
    readonly property list<real> scales: [1.0, 1.25, 1.5]

    signal browse
    signal back
    signal viewerWanted

    function search() {
        searchField.forceActiveFocus(Qt.ShortcutFocusReason);
        searchField.selectAll();
    }

    implicitHeight: line.implicitHeight + (compact ? 16 : 24)
    color: Theme.panel
    Accessible.role: Accessible.ToolBar
    Accessible.name: qsTr("Folder")

    RowLayout {
        id: line

        anchors.fill: parent
        anchors.leftMargin: Theme.margin
        anchors.rightMargin: Theme.margin
        spacing: Theme.gap

        Words {
            Layout.leftMargin: 8
            Layout.rightMargin: 16
            visible: !bar.compact
            text: "TomoBatch"
            strong: true
            font.pixelSize: Theme.title
        }

        ActionButton {
            objectName: "viewerBack"
            visible: bar.viewing
            glyph: "◀"
            text: qsTr("Back to the table")
            onClicked: bar.back()
        }

        Combo {
            id: folders

            visible: !bar.viewing
            objectName: "folderCombo"
            name: qsTr("Data folder")
            Layout.fillWidth: true
            Layout.maximumWidth: bar.compact ? 4000 : 620 * Theme.scale
            Layout.minimumWidth: 130
            model: App.folder.recent
            enabled: App.folder.recent.length > 0
            displayText: App.folder.path.length > 0 ? App.folder.path : qsTr("No folder is open")
            currentIndex: App.folder.recent.indexOf(App.folder.path)
            font.pixelSize: Theme.body
            onActivated: index => App.folder.openPath(textAt(index))
        }

        ActionButton {
            objectName: "browse"
            visible: !bar.viewing
            text: qsTr("Browse…")
            onClicked: bar.browse()
        }

        ActionButton {
            objectName: "refresh"
            visible: !bar.viewing
            text: qsTr("Refresh File List")
            enabled: App.folder.isOpen && !App.folder.loading
            onClicked: App.folder.refresh()
        }

        Item {
            Layout.fillWidth: true
            visible: !bar.compact || bar.viewing
        }

        Field {
            id: searchField

            objectName: "search"
            visible: !bar.viewing
            Layout.preferredWidth: (bar.compact ? (bar.width < 1000 * Theme.scale ? 150 : 210) : 270) * Math.min(1.25, Theme.scale)
            Layout.maximumWidth: Layout.preferredWidth
            Layout.fillWidth: true
            Layout.minimumWidth: 110
            glyph: "⌕"
            clearable: true
            wrong: App.tally.problem.length > 0
            placeholderText: bar.compact ? qsTr("Search") : qsTr("Search, or state:failed")
            text: App.scans.filter
            onTextEdited: App.scans.filter = text
            onCleared: App.scans.filter = ""
            Keys.onEscapePressed: App.scans.filter = ""
            Accessible.name: qsTr("Search, or state:failed")
        }

        IconButton {
            objectName: "viewerOpen"
            visible: bar.compact && !bar.viewing
            glyph: "⤢"
            text: qsTr("Show the viewer")
            enabled: App.scans.fileCount > 0
            onClicked: bar.viewerWanted()
        }

        ActionButton {
            objectName: "machinesButton"
            focusPolicy: Qt.TabFocus
            // A small window has the way there in the list of target machines alone.
            visible: !bar.compact && !bar.viewing
            kind: "quiet"
            text: qsTr("Machines")
            enabled: App.ready
            onClicked: App.machines.editor.open()
        }

        ActionButton {
            objectName: "logButton"
            // A click on it leaves the keys where they are.
            focusPolicy: Qt.TabFocus
            kind: Settings.logOpen ? "plain" : "quiet"
            text: qsTr("Log")
            Accessible.checked: Settings.logOpen
            onClicked: Settings.logOpen = !Settings.logOpen
        }

        IconButton {
            objectName: "sound"
            focusPolicy: Qt.TabFocus
            kind: "quiet"
            glyph: Settings.sound ? "🔊" : "🛇"
            text: Settings.sound ? qsTr("A sound tells when a batch has ended: switch it off") : qsTr("No sound tells when a batch has ended: switch it on")
            meaning: "sound"
            onClicked: Settings.sound = !Settings.sound
        }

        IconButton {
            objectName: "textSize"
            focusPolicy: Qt.TabFocus
            kind: "quiet"
            glyph: "Aa"
            text: qsTr("Text size: %1 %").arg(Math.round(Settings.textScale * 100))
            meaning: "text size"
            font.pixelSize: Theme.body
            onClicked: Settings.textScale = bar.scales[(bar.scales.indexOf(Settings.textScale) + 1) % bar.scales.length]
        }

        IconButton {
            objectName: "themeButton"
            focusPolicy: Qt.TabFocus
            kind: "quiet"
            glyph: Theme.dark ? "☾" : "☀"
            text: Theme.dark ? qsTr("Change to the light theme") : qsTr("Change to the dark theme")
            meaning: "theme"
            onClicked: Settings.theme = Theme.dark ? "light" : "dark"
        }
    }
}
