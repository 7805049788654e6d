"""Sinograms out of a scan: read in blocks of projections, corrected, turned rows first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tomobatch.cpu_engine.preprocess import Correction, Floats, bin_pixels
from tomobatch.errors import TomoBatchError
from tomobatch.formats.reader import ScanReader
from tomobatch.recon.geometry import Geometry

BLOCK_BYTES = 8_000_000
"""Counts read at a time, where the file's chunks allow it."""

FramesReader = Callable[[slice, slice], npt.NDArray[Any]]


class SinogramSource:
    """Reads the sinograms of a run.

    Parameters
    ----------
    scan
        An open scan.
    geometry
        The crop and binning.
    minus_log
        Take the negative logarithm.
    """

    def __init__(self, scan: ScanReader, geometry: Geometry, *, minus_log: bool) -> None:
        self._scan = scan
        self._geometry = geometry
        self._minus_log = minus_log
        self._columns = slice(geometry.start_column, geometry.end_column)
        self._factor = 1 << geometry.binning
        self.stopped = threading.Event()
        """Set it to end a reading in another thread early; what it was to fill is then incomplete."""

    @property
    def angles_deg(self) -> npt.NDArray[np.float64]:
        """Angles of the projections used."""
        return self._scan.angles_deg[self._geometry.start_projection : self._geometry.end_projection]

    @property
    def chunk_rows(self) -> int:
        """Detector rows that lie in one chunk of the file; 1 where it is not chunked."""
        chunks = self._scan.layout.chunks
        return chunks[1] if chunks else 1

    @property
    def chunk_frames(self) -> int:
        """Projections that lie in one chunk of the file."""
        chunks = self._scan.layout.chunks
        return chunks[0] if chunks else 1

    @property
    def detector_columns(self) -> int:
        """Width of the detector, unbinned."""
        return self._scan.layout.columns

    @property
    def pixel_bytes(self) -> int:
        """Bytes a pixel in the file."""
        return int(np.dtype(self._scan.layout.dtype).itemsize)

    def read(self, rows: Sequence[int], out: Floats, note: Callable[[float], None]) -> None:
        """Read sinograms.

        Parameters
        ----------
        rows
            First detector row of each, ascending; ``2**binning`` rows are summed. All that lies between the
            first and the last is read.
        out
            Filled with attenuation, float32, (rows, angles, width).
        note
            Told the share of the reading that each block was.

        Raises
        ------
        TomoBatchError
            ``not-finite``, ``no-light``, and what the reader raises (``truncated``, ``no-flats`` …).
        """
        span = slice(rows[0], rows[-1] + self._factor)
        picked = _picked([(row - rows[0]) // self._factor for row in rows])
        correction = self._correction(span, picked)
        first, end = self._geometry.start_projection, self._geometry.end_projection
        for start, stop in _blocks(first, end, self._frames_a_block(span)):
            if self.stopped.is_set():
                return
            counts = self._finite(self._scan.projections(start, stop, span, self._columns), "projections")
            values = correction.apply(bin_pixels(counts, self._geometry.binning)[:, picked])
            out[:, start - first : stop - first] = values.transpose(1, 0, 2)
            note((stop - start) / (end - first))

    def _frames_a_block(self, span: slice) -> int:
        frame_bytes = (span.stop - span.start) * (self._columns.stop - self._columns.start) * self.pixel_bytes
        frames = max(1, BLOCK_BYTES // frame_bytes)
        chunk = self.chunk_frames
        whole_chunks: int = max(chunk, frames - frames % chunk)
        return whole_chunks

    def _correction(self, span: slice, picked: slice | list[int]) -> Correction:
        flat, dark = (
            self._mean(reader, span, word)[picked]
            for reader, word in ((self._scan.flats, "flats"), (self._scan.darks, "darks"))
        )
        correction = Correction(flat, dark, minus_log=self._minus_log)
        if not correction.sees_light:
            raise TomoBatchError(
                "no-light",
                "The flats are nowhere brighter than the darks, so nothing can be corrected with them; "
                "name other flats by --flat-file-name.",
            )
        return correction

    def _mean(self, reader: FramesReader, span: slice, word: str) -> Floats:
        """Mean of all flats or darks, binned, float32; read in bands of rows to bound the memory."""
        frames = len(reader(slice(span.start, span.start + 1), slice(0, 1)))
        row_bytes = max(1, frames) * (self._columns.stop - self._columns.start) * 4
        rows = max(1, BLOCK_BYTES // row_bytes // self._factor) * self._factor
        bands = (slice(start, min(start + rows, span.stop)) for start in range(span.start, span.stop, rows))
        means = [
            bin_pixels(self._finite(reader(band, self._columns), word), self._geometry.binning).mean(axis=0)
            for band in bands
        ]
        return np.concatenate(means)

    @staticmethod
    def _finite(frames: npt.NDArray[Any], word: str) -> npt.NDArray[Any]:
        if frames.dtype.kind == "f" and not np.isfinite(frames).all():
            raise TomoBatchError(
                "not-finite",
                f"The {word} hold pixels that are not numbers (NaN or infinite); "
                "mend the scan, or crop them away.",
            )
        return frames


def _picked(offsets: list[int]) -> slice | list[int]:
    """Index of the rows wanted among those read; a slice, which copies nothing, where it is all of them."""
    return slice(None) if offsets == list(range(len(offsets))) else offsets


def _blocks(first: int, end: int, length: int) -> Iterator[tuple[int, int]]:
    """Blocks that end where multiples of `length`, and with them the file's chunks, do."""
    while first < end:
        stop = min(end, first - first % length + length)
        yield first, stop
        first = stop
