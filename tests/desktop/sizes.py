"""Sizes of the window that stories are told in."""

from __future__ import annotations

import pytest

LARGE, SMALL = (1920, 1080), (1280, 800)
BOTH = [LARGE, SMALL]
"""For stories about what lies where."""
LARGE_DAILY = [LARGE, pytest.param(SMALL, marks=pytest.mark.slow)]
"""For stories about what happens: told in the other size, too, where time is no matter."""
SMALL_DAILY = [pytest.param(LARGE, marks=pytest.mark.slow), SMALL]
