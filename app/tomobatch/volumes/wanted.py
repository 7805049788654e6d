"""What of a scan somebody wants to look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """What of a scan is looked at."""

    RAW = "raw"
    TRY = "try"
    FULL = "full"


class Part(StrEnum):
    """Which of the raw data."""

    PROJECTIONS = "projections"
    CORRECTED = "corrected"
    SINOGRAMS = "sinograms"
    FLATS = "flats"
    DARKS = "darks"


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to look at.

    Parameters
    ----------
    scan_path
        Absolute.
    part
        Of raw data.
    version
        Which run's result: no text for the one in its place, else the name of the place beside it.
    row
        Of a Try, the detector row; None takes the first.
    """

    scan_path: Path
    mode: Mode
    part: Part = Part.PROJECTIONS
    version: str = ""
    row: int | None = None
