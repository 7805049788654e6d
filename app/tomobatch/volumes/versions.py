"""Versions of a result: the one in its place, the one that is being made, and earlier ones that were kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.keeping import finals_of, kept_job, kept_receipt
from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import Receipt, read_receipt
from tomobatch.volumes.wanted import Making

MOST_KEPT = 20
_DAY_S = 24 * 3600


@dataclass(frozen=True)
class Version:
    """One of them.

    Parameters
    ----------
    key
        As in `Wanted.version`: no text for the one in its place.
    kept
        Whether it is an earlier one, which can be removed.
    """

    key: str
    text: str
    kept: bool = False


def find_versions(scan_path: Path, kind: Kind, making: Making | None) -> tuple[Version, ...]:
    """What there is of a Try or a Full; slow where the disk is slow.

    Of the kept ones, the newest `MOST_KEPT`.
    """
    found: list[Version] = []
    # What is wrong with the disk is said by whoever opens a result.
    with suppress(OSError):
        found += _in_place(scan_path, kind)
    if making is not None:
        cor_px = making.request.get("cor_px")
        found.append(Version(making.version, f"{_cor_text(cor_px)} · being made"))
    with suppress(OSError):
        found += _kept(scan_path, kind)
    return tuple(found)


def place_of_version(scan_path: Path, kind: Kind, version: str) -> Path:
    """Place of a version by its key; ``no-such-version`` for whatever is none of this very result."""
    for final in finals_of(scan_path, kind):
        if version == final.name:
            return final
    kept = kept_receipt(scan_path, kind, version)
    if kept is None:
        said = f"{shown(version)} is no {kind.word} of {shown(scan_path.name)} (any more): choose another."
        raise TomoBatchError("no-such-version", said)
    return kept[0]


def _in_place(scan_path: Path, kind: Kind) -> Iterator[Version]:
    """The newest first: that is the one shown where none is asked for."""
    there = [place for place in finals_of(scan_path, kind) if os.path.lexists(place)]
    for number, place in enumerate(sorted(there, key=_modified_s, reverse=True)):
        yield Version(place.name if number else "", _text(read_receipt(place), place))


def _kept(scan_path: Path, kind: Kind) -> Iterator[Version]:
    for name in _kept_names(scan_path, kind)[:MOST_KEPT]:
        kept = kept_receipt(scan_path, kind, name)
        if kept is not None:
            place, receipt = kept
            yield Version(name, f"{_text(receipt, place)} · kept", kept=True)


def _kept_names(scan_path: Path, kind: Kind) -> list[str]:
    """Names that mean kept results, the newest first."""
    finals = finals_of(scan_path, kind)
    with os.scandir(finals[0].parent) as entries:
        found = [
            (_modified_s(Path(entry.path)), entry.name)
            for entry in entries
            if any(kept_job(final, entry.name) for final in finals)
        ]
    return [name for _, name in sorted(found, reverse=True)]


def _modified_s(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except OSError:
        return 0.0


def _text(receipt: Receipt | None, place: Path) -> str:
    made = _when(_ended_s(receipt) or _modified_s(place))
    cor = "made elsewhere" if receipt is None else _cor_text(receipt.cor_px)
    return f"{cor} · {made}" if made else cor


def _cor_text(cor_px: object) -> str:
    return f"COR {cor_px:.2f}" if isinstance(cor_px, int | float) else "no COR"


def _ended_s(receipt: Receipt | None) -> float:
    run = None if receipt is None else receipt.plain.get("run")
    ended_s = run.get("ended") if isinstance(run, dict) else None
    return ended_s if isinstance(ended_s, float) else 0.0


def _when(then_s: float) -> str:
    # A receipt may hold any number.
    with suppress(OverflowError, ValueError, OSError):
        recent = 0 <= time.time() - then_s < _DAY_S
        return time.strftime("%H:%M" if recent else "%Y-%m-%d %H:%M", time.localtime(then_s))
    return ""
