pragma Singleton

import QtQuick
import TomoBatch.Core

// The program, for everything in the window but the window itself: it is there once the first frame is painted.
QtObject {
    readonly property Program program: Doorway.program as Program
    readonly property bool ready: program.ready
    readonly property bool closing: program.closing
    readonly property Browser browser: program.browser
    readonly property Cors cors: program.cors
    readonly property Folder folder: program.folder
    readonly property LogModel log: program.log
    readonly property Machines machines: program.machines
    readonly property Notices notices: program.notices
    readonly property Pair pair: program.pair
    readonly property Picking picking: program.picking
    readonly property Queue queue: program.queue
    readonly property RowNote rowNote: program.rowNote
    readonly property RunOptions runOptions: program.runOptions
    readonly property Runs runs: program.runs
    readonly property Removal removal: program.removal
    readonly property ScanModel scans: program.scans
    readonly property Selection selection: program.selection
    readonly property Tally tally: program.tally
    readonly property Target target: program.target
    readonly property TileModel tiles: program.tiles
    readonly property Viewer viewer: program.viewer
}
