"""A run as an argument list and an environment."""

from __future__ import annotations

from pathlib import PurePosixPath

from tomobatch.recon.chunk import OPTION, candidates_of, chunk_of, search_parts
from tomobatch.recon.engines import RECON, RECON_STEPS, Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import BY_NAME, Value, needs_steps
from tomobatch.recon.request import ReconRequest

NO_CONFIG = "no-such.conf"
LOGS = "engine-logs"

# Runs its arguments, as they are, once for each part of a search; the parts are numbers alone.
_EACH_PART = """
parts=$1
shift
for part in $parts; do
    "$@" "--rotation-axis=${part%,*}" "--center-search-width=${part#*,}" || exit
done
"""


_OF_A_PART = ("rotation-axis", "center-search-width")


def build_command(request: ReconRequest, attempt_folder: str, chunk: int = 0) -> list[str]:
    """Argument list of a run.

    Parameters
    ----------
    attempt_folder
        The job's own folder on the machine that runs it.
    chunk
        How many slices at a time the GPU is known to bear, 0 where that is not known; what a person said
        stands before it.
    """
    subcommand = RECON_STEPS if needs_steps(request.options) else RECON
    values = _values(request, attempt_folder)
    if parts := search_parts(request, chunk):
        values |= {OPTION: chunk_of(request, chunk), "max-write-threads": 1}
        whole = [BY_NAME[name].argument(value) for name, value in values.items() if name not in _OF_A_PART]
        words = " ".join(f"{part.cor_px!r},{part.width_px!r}" for part in parts)
        return ["sh", "-c", _EACH_PART, "sh", words, *request.engine.program, subcommand, *whole]
    if chunk and request.kind is Kind.FULL and request.engine.uses_gpu:
        values = {**values, OPTION: chunk_of(request, chunk)}
    whole = [BY_NAME[name].argument(value) for name, value in values.items()]
    return [*request.engine.program, subcommand, *whole]


def _values(request: ReconRequest, attempt_folder: str) -> dict[str, Value]:
    values: dict[str, Value] = {
        # Where that file exists tomocupy merges it without a word, ~/tomocupyon.conf when none is named.
        "config": str(PurePosixPath(attempt_folder) / NO_CONFIG),
        "logs-home": str(PurePosixPath(attempt_folder) / LOGS),
        "reconstruction-type": request.kind.value,
        "file-name": request.scan.path,
        "out-path-name": request.out_path,
        "rotation-axis": _rotation_axis(request),
        # Versions differ in their default.
        "save-format": request.save_format,
    }
    return {**values, **_try_in_one_chunk(request), **request.options}


def _rotation_axis(request: ReconRequest) -> float:
    return request.shape[2] / 2 if request.cor_px is None else float(request.cor_px)


def _try_in_one_chunk(request: ReconRequest) -> dict[str, Value]:
    """Settings that keep tomocupy's writers from giving one candidate another's pixels.

    They share a buffer between chunks; with all candidates in one chunk there is nothing to mix up. Each
    writing thread would allocate such a buffer, and only the first is used then.
    """
    if request.kind is Kind.FULL or request.engine.kind is EngineKind.CPU:
        return {}
    return {OPTION: candidates_of(request), "max-write-threads": 1}


def environment(
    engine: Engine, *, gpu: str | None = None, threads: int | None = None, memory_mb: int | None = None
) -> dict[str, str]:
    """Variables a run is started with, beside those of the machine.

    Parameters
    ----------
    engine
        tomocupy takes ``gpu``, the embedded engine ``threads`` and ``memory_mb``.
    gpu
        UUID or index of the GPU; None leaves the choice to the machine.
    threads, memory_mb
        Cores and MiB of a CPU slot.
    """
    # Without these there is no progress, and a terminal that is not UTF-8 kills the run.
    variables = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    if engine.uses_gpu:
        if gpu is not None:
            variables |= {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": gpu}
        return variables
    if threads is not None:
        variables["OMP_NUM_THREADS"] = str(threads)
    if memory_mb is not None:
        variables["TOMOBATCH_MEMORY_MB"] = str(memory_mb)
    return variables
