"""How much is in memory at a time: threads, and rows a pass over the file.

With `a` projections, sinograms of `w` columns and slices of `n` × `n` pixels, `t` threads that work on `r`
rows at a time take at most

    190 MB + 16·a·n + 4·n² + t·(16·a·n + 48·n²) + r·row        bytes,

where a row is 8·a·w bytes (another is read ahead of it; a Try takes 4·a·w, and 16·a·n once for its filtered
sinogram) and what its chunks in the file take, unpacked. Rows first, then threads are given up until this
is within the budget; the least is one thread and two rows. Neither the detector's height nor the number of
slices or candidates comes in. The search for a COR comes before, and holds a quarter of the budget at most,
or one row, and some 200 MB.
"""

from __future__ import annotations

from dataclasses import dataclass

from tomobatch.cpu_engine.filters import padded_length
from tomobatch.cpu_engine.sinograms import BLOCK_BYTES, SinogramSource
from tomobatch.recon.geometry import Geometry

# Interpreter and libraries, and the block of counts that is being corrected.
_PROCESS_BYTES = 150_000_000
_BLOCK_COPIES = 5
# Neighbouring rows that are read as one piece make a disk happy from about this size on.
_GOOD_PIECE_BYTES = 512_000


@dataclass(frozen=True)
class Share:
    """What a run may use.

    Parameters
    ----------
    threads
        Threads that reconstruct.
    rows
        Binned rows read at a time.
    """

    threads: int
    rows: int


def share_of_full(source: SinogramSource, geometry: Geometry, budget_bytes: int, threads: int) -> Share:
    """Threads and rows a pass of a Full.

    Where one chunk of the file holds many rows, as few passes as the budget allows, since each unpacks
    those chunks anew; elsewhere smaller ones, so that the reconstruction starts early.
    """
    share = _fitting(geometry, _row_bytes(source, geometry, copies=2), 0, budget_bytes, threads)
    factor = 1 << geometry.binning
    row_bytes = factor * (geometry.end_column - geometry.start_column) * source.pixel_bytes
    chunk = max(1, source.chunk_rows // factor)
    good = max(chunk, 8 * share.threads, min(_GOOD_PIECE_BYTES // row_bytes, geometry.row_count // 4))
    passes = -(-geometry.row_count // min(share.rows, good))
    return Share(share.threads, _whole_chunks(-(-geometry.row_count // passes), share.rows, chunk))


def share_of_try(source: SinogramSource, geometry: Geometry, budget_bytes: int, threads: int) -> Share:
    """Threads, and rows read at a time, of a Try."""
    filtered = 8 * _angles(geometry) * (padded_length(geometry.size) // 2 + 1)
    return _fitting(geometry, _row_bytes(source, geometry, copies=1), filtered, budget_bytes, threads)


def _angles(geometry: Geometry) -> int:
    return geometry.end_projection - geometry.start_projection


def _row_bytes(source: SinogramSource, geometry: Geometry, copies: int) -> int:
    sinogram = 4 * _angles(geometry) * geometry.width
    columns = geometry.end_column - geometry.start_column
    chunk = min(source.chunk_frames, _angles(geometry)) * columns * (1 << geometry.binning)
    return copies * sinogram + chunk * (source.pixel_bytes + 4 * _BLOCK_COPIES)


def _fitting(geometry: Geometry, row_bytes: int, extra_bytes: int, budget_bytes: int, threads: int) -> Share:
    samples, pixels = _angles(geometry) * (geometry.size + 1), geometry.size**2
    shared = _PROCESS_BYTES + _BLOCK_COPIES * BLOCK_BYTES + 16 * samples + 4 * pixels + extra_bytes
    for count in range(threads, 0, -1):
        rows = (budget_bytes - shared - count * (16 * samples + 48 * pixels)) // row_bytes
        if rows >= 2 * count:
            return Share(count, rows)
    return Share(1, 2)


def _whole_chunks(rows: int, most: int, chunk_rows: int) -> int:
    """`rows` in whole chunks, so that none is unpacked in two passes, where `most` rows allow it."""
    up = -(-rows // chunk_rows) * chunk_rows
    return up if up <= most else (rows - rows % chunk_rows or rows)
