import QtQuick
import TomoBatch

// Where the columns lie, for the header and all rows.
QtObject {
    id: columns

    property real width: 1200
    property TextMetrics wordViewTry: TextMetrics {
        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: "View Try"
    }
    property TextMetrics wordViewFull: TextMetrics {
        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: "View Full"
    }
    property TextMetrics wordTry: TextMetrics {
        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: "Try"
    }
    property TextMetrics wordFull: TextMetrics {
        font.family: Theme.sans
        font.pixelSize: Theme.body
        text: "Full"
    }
    readonly property bool tight: width < 1180 * Theme.scale
    readonly property int gap: Theme.gap
    readonly property int padding: tight ? 8 : 16

    readonly property int selectX: 8
    readonly property int selectWidth: Math.max(Theme.target, Math.ceil(Theme.small * 3.4))
    readonly property int nameX: selectX + selectWidth + gap
    readonly property int nameWidth: Math.max(120, Math.floor(free * (tight ? 0.42 : 0.44)) - 2 * gap)
    readonly property int corX: nameX + nameWidth + 2 * gap
    readonly property int corWidth: Math.ceil(Theme.body * (tight ? 5.6 : 10.5))
    readonly property int statusX: corX + corWidth + 2 * gap
    readonly property int statusWidth: cancelX - gap - statusX
    readonly property int cancelX: viewTryX - Theme.target - 2 * gap
    // A button with two lines of small words, which ends where Cancel does.
    readonly property int remedyWidth: Math.ceil(Theme.small * 5.6) + 16
    readonly property int viewTryX: viewFullX - gap - viewTryWidth
    readonly property int viewTryWidth: buttonWidth(wordViewTry.advanceWidth)
    readonly property int viewFullX: tryX - (tight ? gap : 2 * gap) - viewFullWidth
    readonly property int viewFullWidth: buttonWidth(wordViewFull.advanceWidth)
    readonly property int tryX: fullX - gap - tryWidth
    readonly property int tryWidth: buttonWidth(wordTry.advanceWidth)
    readonly property int fullX: Math.floor(width) - 16 - fullWidth
    readonly property int fullWidth: buttonWidth(wordFull.advanceWidth)
    readonly property real free: viewTryX - nameX - corWidth - 5 * gap

    function buttonWidth(word: real): int {
        return Math.max(Theme.target, Math.ceil(word) + 2 * padding);
    }
}
