"""Memory that the window's process shares with the one that reads for it: a flag, and room for pixels."""

from __future__ import annotations

import mmap
import os

import numpy as np

from tomobatch.volumes.source import Floats

LEFT = 0
"""Place of a byte that is set once nobody waits for what was asked any more."""
_PIXELS_AT = 4096
PIXEL_BYTES = 16 << 20
"""A larger slice comes in several pieces."""


def new_memory() -> int:
    """Descriptor of new memory, which lives as long as somebody has it open or mapped."""
    descriptor = os.memfd_create("tomobatch-slices", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, _PIXELS_AT + PIXEL_BYTES)
    return descriptor


def pixels_in(memory: mmap.mmap) -> Floats:
    """The room for pixels, as a flat array."""
    return np.frombuffer(memory, np.float32, offset=_PIXELS_AT)
