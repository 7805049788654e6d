"""A Try and a Full, from the open scan to the last slice on disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tomobatch.cpu_engine.arguments import Settings
from tomobatch.cpu_engine.axis import Axis, positions_px
from tomobatch.cpu_engine.fbp import Backprojector, Complex, Projector, filter_sinogram
from tomobatch.cpu_engine.machine import memory_budget_bytes, thread_count
from tomobatch.cpu_engine.memory import Share, share_of_full, share_of_try
from tomobatch.cpu_engine.output import SliceWriter, make_folder, open_slices, place_of, write_tiff
from tomobatch.cpu_engine.preprocess import Floats
from tomobatch.cpu_engine.progress import Bar
from tomobatch.cpu_engine.sinograms import SinogramSource
from tomobatch.recon.geometry import Geometry, try_cors_px, try_rows
from tomobatch.recon.outputs import try_file_name

log = logging.getLogger(__name__)

# Of a Full's progress, a row reconstructed counts this many times a row read.
_RECONSTRUCTION_WEIGHT = 4

Mine = Callable[[], Backprojector]


@dataclass(frozen=True)
class Job:
    """What to reconstruct, where it is read, its COR in detector pixels and as an axis of the sinograms."""

    settings: Settings
    geometry: Geometry
    source: SinogramSource
    cor_px: float
    axis: Axis

    def sinograms(self, rows: int) -> Floats:
        """Room for so many sinograms."""
        angles = self.geometry.end_projection - self.geometry.start_projection
        return np.empty((rows, angles, self.geometry.width), np.float32)

    def projector(self, slices: int) -> Projector:
        """What so many slices share."""
        filter_name = self.settings.text("fbp-filter")
        return Projector(self.source.angles_deg, self.geometry.width, self.geometry.size, filter_name, slices)


class Backprojectors:
    """A back-projector for each thread that asks."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._local = threading.local()

    def mine(self) -> Backprojector:
        """The calling thread's own."""
        if not hasattr(self._local, "own"):
            self._local.own = Backprojector(self._projector)
        own: Backprojector = self._local.own
        return own


def run_full(job: Job) -> None:
    """Reconstruct all rows of the crop, reading a pass ahead of the reconstruction."""
    share = share_of_full(job.source, job.geometry, memory_budget_bytes(), thread_count())
    log.info("Output: %s", place_of(job.settings))
    with ExitStack() as stack:
        writer = open_slices(job.settings, job.geometry)
        stack.callback(writer.close)
        reader = stack.enter_context(_threads(1, job.source))
        workers = stack.enter_context(_threads(share.threads, job.source))
        log.info("Full reconstruction")
        mine = Backprojectors(job.projector(job.geometry.row_count)).mine
        bar = Bar(job.geometry.row_count * (1 + _RECONSTRUCTION_WEIGHT))
        for first, sinograms in _passes(job, share, reader, bar):
            tasks = [
                workers.submit(_two_rows, job, mine, writer, sinograms, first, i)
                for i in _pairs(len(sinograms))
            ]
            for rows in _results(tasks):
                bar.step(_RECONSTRUCTION_WEIGHT * rows)
        bar.finish()


def _passes(job: Job, share: Share, reader: ThreadPoolExecutor, bar: Bar) -> Iterator[tuple[int, Floats]]:
    """First row (counted in the crop) and sinograms of each pass; the next is read meanwhile."""
    firsts = range(0, job.geometry.row_count, share.rows)
    buffers = [job.sinograms(min(share.rows, job.geometry.row_count)) for _ in firsts[:2]]

    def read(number: int) -> Floats:
        first = firsts[number]
        count = min(share.rows, job.geometry.row_count - first)
        rows = [_detector_row(job.geometry, first + i) for i in range(count)]
        sinograms = buffers[number % 2][:count]
        job.source.read(rows, sinograms, lambda part: bar.step(part * count))
        return sinograms

    ahead = reader.submit(read, 0)
    for number, first in enumerate(firsts):
        sinograms = ahead.result()
        if number + 1 < len(firsts):
            ahead = reader.submit(read, number + 1)
        yield first, sinograms


def _two_rows(job: Job, mine: Mine, writer: SliceWriter, sinograms: Floats, first: int, index: int) -> int:
    """Reconstruct and write the row `index` of a pass and the one after it; how many there were."""
    pair = sinograms[index : index + 2]
    second = pair[1] if len(pair) == 2 else None
    images = mine().two_slices(pair[0], second, job.axis)
    for offset, image in enumerate(images):
        writer.write(job.geometry.first_row + first + index + offset, image)
    return len(images)


def run_try(job: Job) -> None:
    """Reconstruct a few rows for each candidate COR; a row's filtered spectrum serves all of them."""
    share = share_of_try(job.source, job.geometry, memory_budget_bytes(), thread_count())
    folder = place_of(job.settings)
    make_folder(folder)
    log.info("Output: %s", folder)
    rows = sorted(try_rows(job.geometry, job.settings.options))
    shape = (0, 0, job.source.detector_columns)
    cors_px = try_cors_px(job.cor_px, shape, job.settings.options).tolist()
    projector = job.projector(len(rows) * len(cors_px))
    mine = Backprojectors(projector).mine
    with _threads(share.threads, job.source) as workers:
        for group in _read_together(rows, job.source.chunk_rows, share.rows):
            sinograms = job.sinograms(len(group))
            job.source.read(group, sinograms, lambda _: None)
            for row, sinogram in zip(group, sinograms, strict=True):
                log.info("Processing slice %d", row)
                filtered = filter_sinogram(projector, sinogram, job.axis)
                _try_row(job, mine, workers, filtered, _named(folder, row, cors_px))


def _named(folder: Path, row: int, cors_px: Iterable[float]) -> list[tuple[Path, float]]:
    """File and COR of each candidate; of those whose names are the same after rounding, the first."""
    named: dict[str, float] = {}
    for cor_px in cors_px:
        named.setdefault(try_file_name(row, cor_px), cor_px)
    return [(folder / name, cor_px) for name, cor_px in named.items()]


def _try_row(
    job: Job, mine: Mine, workers: ThreadPoolExecutor, filtered: Complex, candidates: list[tuple[Path, float]]
) -> None:
    bar = Bar(len(candidates))

    def two_candidates(index: int) -> int:
        pair = candidates[index : index + 2]
        positions = positions_px(job.geometry, job.axis, [cor_px for _, cor_px in pair])
        second = positions[1] if len(pair) == 2 else None
        images = mine().two_positions(filtered, positions[0], second)
        for (path, _), image in zip(pair, images, strict=True):
            write_tiff(path, image)
        return len(images)

    for count in _results([workers.submit(two_candidates, i) for i in _pairs(len(candidates))]):
        bar.step(count)
    bar.finish()


def _read_together(rows: Sequence[int], chunk_rows: int, most: int) -> list[list[int]]:
    """Rows that share chunks of the file, so that these are unpacked once; at most `most` at a time."""
    groups: list[list[int]] = []
    for row in rows:
        if groups and len(groups[-1]) < most and groups[-1][0] // chunk_rows == row // chunk_rows:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _detector_row(geometry: Geometry, index: int) -> int:
    return geometry.start_row + index * (1 << geometry.binning)


def _pairs(count: int) -> range:
    return range(0, count, 2)


def _results(tasks: Sequence[Future[int]]) -> Iterator[int]:
    """Results as they come; the first error ends it."""
    for task in as_completed(tasks):
        yield task.result()


@contextmanager
def _threads(count: int, source: SinogramSource) -> Iterator[ThreadPoolExecutor]:
    """Threads that are gone at the end: after an error what has not begun is dropped, a reading cut short."""
    executor = ThreadPoolExecutor(count)
    try:
        yield executor
    except BaseException:
        source.stopped.set()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


RUNS: dict[str, Callable[[Job], None]] = {"try": run_try, "full": run_full}
