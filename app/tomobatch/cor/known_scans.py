"""What CORs that come from outside are held against: the scans of the folder, as far as they are known."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tomobatch.cor.table import NOBODY, Identities, Identity
from tomobatch.cor.value import check_cor
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown

SETTLED_S = 600.0
"""A file that was not written to for so long is not being acquired."""

_NOTHING: Mapping[str, int] = MappingProxyType({})


class KnownScans(NamedTuple):
    """Files of scans by name, those being written left out, and the widths of their detectors."""

    files: Identities = NOBODY
    columns: Mapping[str, int] = _NOTHING

    def inside(self, cors_px: Mapping[str, float]) -> tuple[dict[str, float], dict[str, str]]:
        """CORs that their detectors can have, and by file name a sentence for each of the others."""
        outside = {
            name: sentence for name, cor_px in cors_px.items() if (sentence := self._why(name, cor_px))
        }
        return {name: cor_px for name, cor_px in cors_px.items() if name not in outside}, outside

    def looked_up(self, folder: Path, names: Iterable[str]) -> dict[str, Identity]:
        """Files by name as they are now; those that are not as they were known may be being written.

        Then they are left out, unless nothing was written to them for long.
        """
        found = ((name, self._looked_up(folder, name)) for name in names)
        return {name: file for name, file in found if file is not None}

    def _looked_up(self, folder: Path, name: str) -> Identity | None:
        known, now = self.files.get(name), identity_on_disk(folder, name)
        if now is None or now == known:
            return known
        return now if time.time() - now.mtime_ns / 1e9 > SETTLED_S else None

    def _why(self, name: str, cor_px: float) -> str:
        try:
            check_cor(cor_px, self.columns.get(name))
        except TomoBatchError as error:
            return f"{shown(name)}: {error.sentence}"
        return ""


def identity_on_disk(folder: Path, name: str) -> Identity | None:
    """Which file lies there now; None where none can be looked at."""
    # What a CSV calls a name may be anything.
    if "/" in name or "\0" in name:
        return None
    try:
        facts = (folder / name).stat()
    except OSError:
        return None
    return Identity(facts.st_size, facts.st_mtime_ns)
