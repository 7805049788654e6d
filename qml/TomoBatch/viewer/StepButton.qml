import TomoBatch

// Goes on as long as it is held.
IconButton {
    implicitWidth: Math.max(56, contentItem.implicitWidth + 2 * Theme.gap)
    implicitHeight: 56
    meaning: "step"
    font.pixelSize: glyph.length > 1 ? Theme.body : Theme.large
    autoRepeat: true
    autoRepeatInterval: 80
}
