"""A run as an argument list and an environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from tomobatch.recon.engines import RECON, RECON_STEPS, Engine, EngineKind
from tomobatch.recon.geometry import search_shifts_px
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import BY_NAME, Value, needs_steps
from tomobatch.recon.request import ReconRequest

NO_CONFIG = "no-such.conf"
LOGS = "engine-logs"


def build_command(request: ReconRequest, attempt_folder: str) -> list[str]:
    """Argument list of a run. ``attempt_folder`` is the job's own folder on the machine that runs it."""
    subcommand = RECON_STEPS if needs_steps(request.options) else RECON
    return [*request.engine.program, subcommand, *_arguments(request, attempt_folder)]


def told_scan(argv: Sequence[str]) -> str:
    """The scan's path as the machine is told it in an argument list; empty where it is none of a run."""
    option = "--file-name="
    return next((text.removeprefix(option) for text in argv if text.startswith(option)), "")


def _arguments(request: ReconRequest, attempt_folder: str) -> Iterator[str]:
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
    values |= _try_in_one_chunk(request)
    values |= request.options
    return (BY_NAME[name].argument(value) for name, value in values.items())


def _rotation_axis(request: ReconRequest) -> float:
    return request.shape[2] / 2 if request.cor_px is None else float(request.cor_px)


def _try_in_one_chunk(request: ReconRequest) -> dict[str, Value]:
    """Settings that keep tomocupy's writers from giving one candidate another's pixels.

    They share a buffer between chunks; with all candidates in one chunk there is nothing to mix up. Each
    writing thread would allocate such a buffer, and only the first is used then.
    """
    if request.kind is Kind.FULL or request.engine.kind is EngineKind.CPU:
        return {}
    candidates = len(search_shifts_px(request.options))
    # fourierrec takes two slices at a time.
    return {"nsino-per-chunk": max(2, candidates + candidates % 2), "max-write-threads": 1}


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
