import QtQuick
import TomoBatch

// A scan's state: glyph and word in its colour, what there is to know below, how far it is.
Item {
    id: cell

    property string status: ""
    property string kind: "ready"
    property string note: ""
    property bool noteBad: false
    property real progress: -1
    property bool ringed: false
    readonly property int noteHeight: note.length > 0 ? Math.ceil(Theme.small * 1.3) : 0
    // Two lines leave no room for it; how far it is stands in the note.
    readonly property int barHeight: progress >= 0 && !chip.tight ? 4 : 0

    signal tapped

    TapHandler {
        onTapped: cell.tapped()
    }

    TextMetrics {
        id: words

        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: cell.status
    }

    Chip {
        id: chip

        y: Math.round((cell.height - implicitHeight - cell.noteHeight - cell.barHeight) / 2)
        width: Math.min(tight ? cell.width : implicitWidth, cell.width)
        tight: words.advanceWidth + 3 * Theme.body > cell.width
        text: cell.status
        glyph: Theme.stateGlyphs[cell.kind] ?? ""
        tone: Theme.stateColors[cell.kind] ?? Theme.dim

        FocusRing {
            shown: cell.ringed
            radius: height / 2
        }
    }

    Words {
        x: 12
        y: chip.y + chip.implicitHeight + 1
        width: cell.width - 12
        height: cell.noteHeight
        text: cell.note
        color: cell.noteBad ? Theme.bad : Theme.dim
        font.pixelSize: Theme.small
    }

    Bar {
        x: 12
        y: chip.y + chip.implicitHeight + cell.noteHeight + 3
        width: cell.width - 12
        height: 4
        visible: cell.barHeight > 0
        value: cell.progress
        tone: cell.kind === "lost" ? Theme.warn : Theme.accent
    }
}
