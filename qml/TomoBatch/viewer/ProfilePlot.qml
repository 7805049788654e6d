import QtQuick
import TomoBatch
import TomoBatch.Core

// A curve over its axes, in the colours of the theme.
PlotView {
    ground: Theme.dark ? Theme.field : Theme.raised
    ink: Theme.dim
    line: Theme.accent
    textPx: Theme.small
    Accessible.role: Accessible.Graphic
    Accessible.name: "Values along the line"
}
