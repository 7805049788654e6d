"""What a test needs and does not find: on a bare machine it is passed over, in CI it is a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(sentence: str) -> NoReturn:
    """Leave the test, with a sentence that says what is missing."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
