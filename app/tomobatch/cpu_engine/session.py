"""One run of the engine: open the scan, settle crop and COR, reconstruct."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from tomobatch.cpu_engine.arguments import Settings
from tomobatch.cpu_engine.axis import axis_of, exact_axis, unbinned_cor
from tomobatch.cpu_engine.machine import memory_budget_bytes
from tomobatch.cpu_engine.progress import say
from tomobatch.cpu_engine.run import RUNS, Job
from tomobatch.cpu_engine.sinograms import SinogramSource
from tomobatch.errors import TomoBatchError
from tomobatch.formats.layout import ScanLayout
from tomobatch.formats.reader import ScanReader, open_scan
from tomobatch.recon.geometry import Geometry, geometry_of
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import nsino_numbers

log = logging.getLogger(__name__)

NARROWEST = 8
"""Fewest columns, after cropping and binning, that make a slice."""

_SEARCH_ROWS = 16


def reconstruct(settings: Settings) -> None:
    """Do what the settings ask for; raises TomoBatchError where that cannot be done."""
    flat_file, dark_file = settings.path("flat-file-name"), settings.path("dark-file-name")
    with open_scan(settings.scan, flat_file, dark_file) as scan:
        _refuse_unfinished(scan.layout, settings)
        geometry = _geometry(scan.layout, settings)
        job = _job(settings, geometry, scan)
        RUNS[settings.kind](job)


def _job(settings: Settings, geometry: Geometry, scan: ScanReader) -> Job:
    source = SinogramSource(scan, geometry, minus_log=settings.minus_log)
    if settings.auto_cor:
        cor_px = _found_cor(settings, scan)
        # A Try has its files named, and placed, by tomocupy's arithmetic, found COR or not.
        place = axis_of if settings.kind is Kind.TRY else exact_axis
        return Job(settings, geometry, source, cor_px, place(geometry, cor_px))
    cor_px = unbinned_cor(settings.number("rotation-axis"), scan.layout.columns)
    return Job(settings, geometry, source, cor_px, axis_of(geometry, cor_px))


def _found_cor(settings: Settings, scan: ScanReader) -> float:
    """Find the COR in rows around the first slice of a Try, unbinned; detector pixels."""
    from tomobatch.cpu_engine.cor_search import find_axis

    geometry = _geometry(scan.layout, replace(settings, options={**settings.options, "binning": 0}))
    source = SinogramSource(scan, geometry, minus_log=settings.minus_log)
    angles_deg = source.angles_deg
    rows = _search_rows(settings, geometry, 4 * angles_deg.size * geometry.width)
    band = np.empty((len(rows), angles_deg.size, geometry.width), np.float32)
    source.read(rows, band, lambda _: None)
    found = find_axis(band, angles_deg)
    # Rounded as it is said, so that whoever reads it forecasts the names of a Try.
    cor_px = round(found.position_px + geometry.start_column, 2)
    if found.doubt:
        log.warning("The rotation axis is unsure: %s; look at a Try before a Full", found.doubt)
    say(f"rotation axis {cor_px:.2f}\n")
    return cor_px


def _search_rows(settings: Settings, geometry: Geometry, row_bytes: int) -> range:
    """Detector rows that the COR is sought in: neighbours, which a quarter of the memory holds."""
    count = max(1, min(_SEARCH_ROWS, geometry.row_count, memory_budget_bytes() // 4 // row_bytes))
    place = nsino_numbers(settings.options)[0]
    first = int(place * (geometry.row_count - 1)) - count // 2
    start = geometry.start_row + min(max(0, first), geometry.row_count - count)
    return range(start, start + count)


def _refuse_unfinished(layout: ScanLayout, settings: Settings) -> None:
    """Refuse a scan that promises more projections than it has, unless they are cropped on purpose."""
    if layout.expected_angles > layout.angles and settings.number("end-proj") == -1:
        raise TomoBatchError(
            "truncated",
            f"The scan has {layout.angles} of {layout.expected_angles} projections: it is not finished, "
            f"or was broken off; --end-proj={layout.angles} reconstructs what there is.",
        )


def _geometry(layout: ScanLayout, settings: Settings) -> Geometry:
    geometry = geometry_of((layout.angles, layout.rows, layout.columns), settings.options)
    if geometry.width < NARROWEST:
        raise TomoBatchError(
            "too-narrow",
            f"Only {geometry.width} columns are left after cropping and binning; take {NARROWEST} or more.",
        )
    if geometry.end_projection - geometry.start_projection < 2:
        raise TomoBatchError("too-few-angles", "One projection makes no slice; take at least two.")
    return geometry
