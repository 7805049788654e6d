"""How many slices of a Full, or candidates of a Try, are in the GPU's memory at a time, and half of it.

A Try with fewer at a time than it has candidates is run in parts, one engine after the other, each with all
its candidates in one chunk: between chunks tomocupy's writers may give one candidate another's pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from tomobatch.recon.geometry import geometry_of, search_shifts_px, try_cors_px
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value, float_of, int_of, value_of
from tomobatch.recon.outputs import try_file_name
from tomobatch.recon.request import ReconRequest

OPTION = "nsino-per-chunk"
GPU_MEMORY = "gpu-memory"
_PAIRS, _SINGLE = "fourierrec", "lprec"


@dataclass(frozen=True)
class Part:
    """A piece of a Try's search: candidates from ``cor_px + width_px`` downwards, in unbinned pixels."""

    cor_px: float
    width_px: float


def chunk_of(request: ReconRequest, remembered: int = 0) -> int:
    """How many a run has in memory at a time: as a person said, else as remembered, else all it may have.

    ``remembered`` is what the GPU was found to bear, 0 where that is not known.
    """
    if OPTION in request.options:
        return int_of(request.options, OPTION)
    most = candidates_of(request) if request.kind is Kind.TRY else int_of({}, OPTION)
    return min(most, remembered) if remembered else most


def smaller_chunk(request: ReconRequest, remembered: int = 0) -> int:
    """Half of what a run had, as far as the engine takes that; 0 where there is nothing smaller."""
    if not request.engine.uses_gpu:
        return 0
    half = chunk_of(request, remembered) // 2
    algorithm = value_of(request.options, "reconstruction-algorithm")
    if algorithm == _PAIRS:
        half -= half % 2
    if half < (1 if algorithm == _SINGLE else 2):
        return 0
    return half if request.kind is Kind.FULL or parts_of(request, half) else 0


def fit_key(request: ReconRequest, gpu: str) -> str:
    """What a number is remembered for: a GPU, and all that decides how much memory a slice takes."""
    geometry = geometry_of(request.shape, request.options)
    angles = geometry.end_projection - geometry.start_projection
    size = f"{angles} × {request.shape[1]} × {geometry.size}"
    return f"{gpu} · {request.kind.word} · {size} · binning {geometry.binning}"


def search_parts(request: ReconRequest, remembered: int = 0) -> tuple[Part, ...]:
    """Parts that a run is made in; none where it is one piece."""
    if request.kind is Kind.FULL or not request.engine.uses_gpu:
        return ()
    chunk = chunk_of(request, remembered)
    return parts_of(request, chunk) if chunk < candidates_of(request) else ()


def parts_of(request: ReconRequest, chunk: int) -> tuple[Part, ...]:
    """A Try's search in parts of ``chunk`` candidates; none where the parts would not be the same search.

    With the axis at the edge (``double_fov``) the projections are joined at the COR in the middle of the
    search, and each part would have another one.
    """
    if value_of(request.options, "file-type") == "double_fov":
        return ()
    cor_px = request.shape[2] / 2 if request.cor_px is None else float(request.cor_px)
    width_px = float_of(request.options, "center-search-width")
    step_px = float_of(request.options, "center-search-step") * 2 ** int_of(request.options, "binning")
    total, parts = len(search_shifts_px(request.options)), []
    for first in range(0, total, chunk):
        # a quarter of a step from the last one: rounding must not add another
        half_px = (min(chunk, total - first) / 2 - 0.25) * step_px
        parts.append(Part(cor_px + width_px - first * step_px - half_px, half_px))
    return tuple(parts) if _same_names(request, parts) else ()


def _same_names(request: ReconRequest, parts: list[Part]) -> bool:
    """Whether the candidates of all parts have the names that those of the whole search have.

    tomocupy counts in float32, and takes a COR of −1 for the middle.
    """
    whole = _names(request, request.options, request.cor_px)
    pieces = [
        _names(request, {**request.options, "center-search-width": part.width_px}, part.cor_px)
        for part in parts
    ]
    return whole == [name for piece in pieces for name in piece] and all(part.cor_px != -1 for part in parts)


def _names(request: ReconRequest, options: Mapping[str, Value], cor_px: float | None) -> list[str]:
    return [try_file_name(0, cor) for cor in try_cors_px(cor_px, request.shape, options).tolist()]


def candidates_of(request: ReconRequest) -> int:
    """Room for all candidates of a Try."""
    # fourierrec takes two slices at a time.
    return max(2, 2 * ceil(len(search_shifts_px(request.options)) / 2))


def chunk_words(kind: Kind, chunk: int) -> str:
    """``chunk 4``, or ``100 candidates at a time``."""
    return f"chunk {chunk}" if kind is Kind.FULL else f"{chunk} candidates at a time"


def retry_words(request: ReconRequest, chunk: int) -> str:
    """What the button for another run says: ``Retry with chunk 4``, or ``Retry in 2 parts``."""
    if request.kind is Kind.FULL:
        return f"Retry with chunk {chunk}"
    return f"Retry in {ceil(len(search_shifts_px(request.options)) / chunk)} parts"
