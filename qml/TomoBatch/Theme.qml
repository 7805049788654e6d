pragma Singleton

import QtQuick
import TomoBatch.Core

// Colours, sizes and fonts of the whole window: nothing else names a colour, a size of text or a font.
QtObject {
    id: theme

    readonly property bool dark: Settings.theme !== "light"
    readonly property real scale: Settings.textScale

    readonly property color ground: dark ? "#0e1217" : "#f3f5f7"
    readonly property color panel: dark ? "#171c23" : "#ffffff"
    readonly property color raised: dark ? "#232a34" : "#e9edf1"
    readonly property color hovered: dark ? "#2d3642" : "#dde4ea"
    readonly property color pressed: dark ? "#3a4655" : "#cbd5de"
    readonly property color field: dark ? "#0b0f13" : "#ffffff"
    readonly property color line: dark ? "#272f39" : "#d9dfe5"
    readonly property color outline: dark ? "#566370" : "#8b97a3"
    readonly property color text: dark ? "#eef2f6" : "#12181f"
    readonly property color dim: dark ? "#a9b4c0" : "#4b5865"
    readonly property color faint: dark ? "#5d6874" : "#98a3ae"
    readonly property color accent: dark ? "#58b6f6" : "#0068a6"
    readonly property color accentHovered: dark ? "#74c3f9" : "#005a91"
    readonly property color accentPressed: dark ? "#3f9de0" : "#004a78"
    readonly property color accentText: dark ? "#05131f" : "#ffffff"
    readonly property color selection: dark ? "#15293a" : "#dcecf8"
    readonly property color veil: dark ? "#b0000000" : "#80202830"

    // Okabe and Ito's palette: bluish green, vermillion, orange, sky blue; lighter on dark, darker on light.
    readonly property color good: dark ? "#2fc497" : "#006348"
    readonly property color bad: dark ? "#ff8546" : "#a33c00"
    readonly property color warn: dark ? "#f2b23a" : "#7a5000"
    readonly property color info: dark ? "#6cbff0" : "#005b92"
    readonly property list<color> series: dark ? ["#8f7fea", "#e08a4a", "#36b5a6", "#cc79a7", "#c3b036", "#5a9be0"] : ["#5d4bc4", "#c2621a", "#00796b", "#a8447c", "#8a7a00", "#1b66b5"]

    readonly property int target: 48
    readonly property int gap: 8
    readonly property int margin: 12
    readonly property int apart: 24
    readonly property int radius: 8
    readonly property int border: 1
    readonly property int rowHeight: Math.round(18 + 48 * scale)
    readonly property int duration: 120

    readonly property int small: Math.round(14 * scale)
    readonly property int body: Math.round(16 * scale)
    readonly property int large: Math.round(19 * scale)
    readonly property int title: Math.round(23 * scale)
    readonly property int huge: Math.round(34 * scale)
    readonly property string sans: regular.font.family
    readonly property string mono: fixed.font.family

    readonly property FontLoader regular: FontLoader {
        source: "fonts/TomoBatchSans-Regular.ttf"
    }
    readonly property FontLoader strong: FontLoader {
        source: "fonts/TomoBatchSans-Bold.ttf"
    }
    readonly property FontLoader fixed: FontLoader {
        source: "fonts/TomoBatchMono-Regular.ttf"
    }

    readonly property var stateColors: ({
            ready: dim,
            queued: info,
            waiting: info,
            running: info,
            complete: good,
            failed: bad,
            cancelled: dim,
            interrupted: warn,
            lost: warn,
            acquiring: warn,
            unreadable: bad
        })
    readonly property var stateGlyphs: ({
            ready: "○",
            queued: "◷",
            waiting: "◷",
            running: "▶",
            complete: "✓",
            failed: "✕",
            cancelled: "⏹",
            interrupted: "↯",
            lost: "▲",
            acquiring: "▲",
            unreadable: "✕"
        })
    readonly property var markColors: ({
            unknown: dim,
            reachable: good,
            busy: accent,
            lost: warn
        })
    readonly property var markGlyphs: ({
            unknown: "○",
            reachable: "●",
            busy: "◆",
            lost: "▲"
        })
    readonly property var signColors: ({
            good: good,
            note: warn,
            bad: bad,
            unasked: dim,
            asking: info,
            "not-yet": faint
        })
    readonly property var signGlyphs: ({
            good: "✓",
            note: "▲",
            bad: "✕",
            unasked: "−",
            asking: "◷",
            "not-yet": "○"
        })
    readonly property var levelColors: ({
            info: info,
            warning: warn,
            error: bad
        })
    readonly property var levelGlyphs: ({
            info: "●",
            warning: "▲",
            error: "✕"
        })

    function tint(tone: color, strength: real): color {
        return Qt.alpha(tone, strength);
    }
}
