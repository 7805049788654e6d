"""Results that are being made: pictures that come one by one into the folder of their run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import H5_STEM, is_volume
from tomobatch.recon.receipt import Receipt, read_receipt
from tomobatch.recon.request import ReconRequest
from tomobatch.volumes.lamino import sort_out
from tomobatch.volumes.pictures import Picture, Pictures, candidates_of, slices_of
from tomobatch.volumes.source import Source
from tomobatch.volumes.volume import Volume
from tomobatch.volumes.wanted import Making

NOT_YET = "no-result-yet"


def open_making(making: Making, row: int | None) -> Source | None:
    """What a run has made so far; None where its result is in place by now.

    Raises
    ------
    TomoBatchError
        ``no-result-yet``, or what keeps the files from being read.
    """
    request = ReconRequest.from_dict(making.request)
    partial = Path(request.partial)
    if not os.path.lexists(partial):
        receipt = read_receipt(Path(request.final))
        if receipt is not None and receipt.job_id == request.job_id:
            return None
        raise _not_yet(request)
    if is_volume(request.kind, request.save_format):
        return _volume(request, partial)
    return GrowingPictures(request, row)


def _volume(request: ReconRequest, partial: Path) -> Source:
    place = partial / f"{H5_STEM}.h5"
    if not place.is_file():
        raise _not_yet(request)
    return Volume(place, growing=True)


def _not_yet(request: ReconRequest) -> TomoBatchError:
    word = "slice" if request.kind is Kind.FULL else "candidate"
    said = f"No {word} is there yet: this {request.kind.word} has just begun."
    return TomoBatchError(NOT_YET, said)


class GrowingPictures(Pictures):
    """Pictures of a run that goes on. Complete files alone: the engine may be in the midst of the last ones.

    Raises
    ------
    TomoBatchError
        ``no-result-yet``.
    """

    growing = True

    def __init__(self, request: ReconRequest, row: int | None) -> None:
        self._request, self._receipt = request, _receipt_to_be(request)
        # Only a COR that the engine is still looking for leaves the names open.
        self._known = None if request.finds_cor else frozenset(self._receipt.files)
        self._complete: set[str] = set()
        self._largest_bytes = request.expected().slice_bytes
        folder = Path(request.partial)
        try:
            made = self._order(self._look(folder), row)
        except OSError as error:
            raise _not_yet(request) from error
        if not made.pictures:
            raise _not_yet(request)
        super().__init__(folder, made.pictures, made.rows, made.row)
        self._say()

    def grow(self) -> bool:
        """Look for more. Where they would change the numbers of those that are shown, `moved` says so."""
        try:
            made = self._order(self._look(self._folder), self.row)
        except OSError:
            # Put in its place, or removed: opening it anew finds out which.
            self.moved = True
            return True
        if (made.pictures, made.rows) == (self._pictures, self.rows):
            return False
        if made.pictures[: self.count] != self._pictures:
            self.moved = True
            return True
        self._pictures, self.rows = made.pictures, made.rows
        self.count = len(self._pictures)
        self._say()
        return True

    def _look(self, folder: Path) -> Iterable[str]:
        """Names of the files that are whole; OSError where the folder is gone."""
        sizes = {}
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name not in self._complete and self._is_wanted(entry.name):
                    # It may be gone by now, under another name.
                    with suppress(OSError):
                        sizes[entry.name] = entry.stat().st_size
        # All are of one size: what is smaller is still being written.
        self._largest_bytes = max([self._largest_bytes, *sizes.values()])
        self._complete |= {name for name, size in sizes.items() if size == self._largest_bytes}
        return self._complete

    def _is_wanted(self, name: str) -> bool:
        return name in self._known if self._known is not None else not name.startswith(".")

    def _order(self, names: Iterable[str], row: int | None) -> _Made:
        if self._request.kind is Kind.FULL:
            return _Made(slices_of(names))
        found = sort_out(Path(self._request.partial), names, self._receipt)
        rows = tuple(sorted({one.row for one in found.candidates}))
        row = row if row in rows or not rows else rows[0]
        return _Made([] if row is None else candidates_of(found, self._receipt, row), rows, row)

    def _say(self) -> None:
        total = len(self._order(self._receipt.files, self.row).pictures)
        word = self._request.kind.word
        things = "slices" if self._request.kind is Kind.FULL else "candidates"
        if self.count < total:
            self.notes = (f"This {word} is still being made: {self.count} of {total} {things} so far.",)
        else:
            self.notes = (f"All {total} {things} of this {word} are made, and are being checked.",)


@dataclass(frozen=True)
class _Made:
    pictures: list[Picture]
    rows: tuple[int, ...] = ()
    row: int | None = None


def _receipt_to_be(request: ReconRequest) -> Receipt:
    """What a run will leave, as far as it is known before its end."""
    files, plain = request.expected().files, request.to_dict()
    return Receipt(request.job_id, request.cor_px, request.cor_source, request.scan, files, plain)
