import QtQuick
import TomoBatch

// How a machine stands: colour and glyph, and words for those who cannot see it.
Words {
    property string mark: "unknown"
    property string meaning: mark

    text: Theme.markGlyphs[mark] ?? ""
    color: Theme.markColors[mark] ?? Theme.dim
    horizontalAlignment: Text.AlignHCenter
    width: Math.round(Theme.body * 1.2)
    elide: Text.ElideNone
    Accessible.role: Accessible.StaticText
    Accessible.name: meaning
}
