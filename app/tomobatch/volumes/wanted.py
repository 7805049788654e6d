"""What of a scan somebody wants to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from tomobatch.recon.kinds import Kind


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
class Making:
    """A run that is under way.

    Parameters
    ----------
    request
        ``ReconRequest.to_dict()`` of its job.
    """

    job_id: str
    kind: Kind
    request: Mapping[str, Any] = field(compare=False, repr=False)

    @property
    def version(self) -> str:
        """Name of the place where it is made, as in `Wanted.version`."""
        return Path(str(self.request.get("partial", ""))).name


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
    making
        The run that makes it, where one does.
    news
        What became of what was looked at before, as a sentence.
    """

    scan_path: Path
    mode: Mode
    part: Part = Part.PROJECTIONS
    version: str = ""
    row: int | None = None
    making: Making | None = None
    news: str = ""
