import QtQuick
import TomoBatch

// Goes on as long as it is held.
IconButton {
    id: control

    implicitWidth: Math.max(56, Math.ceil(metrics.advanceWidth(glyph)) + 2 * Theme.gap)
    implicitHeight: 56
    meaning: "step"
    font.pixelSize: glyph.length > 1 ? Theme.body : Theme.large
    autoRepeat: true
    autoRepeatInterval: 80

    FontMetrics {
        id: metrics

        font: control.font
    }
}
