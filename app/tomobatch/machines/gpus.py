"""GPUs as ``nvidia-smi`` tells them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

QUERY = (
    "nvidia-smi",
    "--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu",
    "--format=csv,noheader,nounits",
)
LIST = ("nvidia-smi", "-L")

_COLUMNS = 6
_GPU_LINE = re.compile(r"GPU (?P<index>\d+): .*\(UUID: (?P<uuid>[^)]+)\)")
_MIG_LINE = re.compile(r"\s*MIG (?P<profile>.*?)\s+Device\s+(?P<index>\d+): \(UUID: (?P<uuid>[^)]+)\)")


@dataclass(frozen=True)
class Gpu:
    """One GPU, or one MIG part of a GPU, that can run one job.

    Parameters
    ----------
    index
        As people count it: ``0``, or ``0:1`` for MIG part 1 of GPU 0.
    uuid
        What ``CUDA_VISIBLE_DEVICES`` and the lock take.
    memory_total_mib, memory_used_mib, utilisation_percent
        None where the driver does not say.
    """

    index: str
    uuid: str
    name: str
    memory_total_mib: int | None
    memory_used_mib: int | None
    utilisation_percent: int | None


def parse_gpus(query_text: str, list_text: str) -> list[Gpu]:
    """Read the output of `QUERY` and of `LIST`; lines of any other shape (warnings) are passed over.

    A GPU that is cut into MIG parts cannot run a job as a whole: its parts stand in its place.
    """
    parts = _mig_parts(list_text)
    found: list[Gpu] = []
    for row in csv.reader(query_text.splitlines(), skipinitialspace=True):
        gpu = _gpu(row)
        if gpu is not None:
            found += [_part_of(gpu, *part) for part in parts.get(gpu.uuid, [])] or [gpu]
    return found


def _gpu(row: list[str]) -> Gpu | None:
    if len(row) < _COLUMNS or not row[0].strip().isdecimal():
        return None
    # a name with a comma in it comes unquoted
    index, uuid, *name, total, used, utilisation = (cell.strip() for cell in row)
    return Gpu(index, uuid, ", ".join(name), _number(total), _number(used), _number(utilisation))


def _number(cell: str) -> int | None:
    """`[N/A]`, `[Not Supported]`, `[Unknown Error]` and the like are no numbers."""
    return int(cell) if cell.isascii() and cell.isdecimal() else None


def _mig_parts(list_text: str) -> dict[str, list[tuple[str, str, str]]]:
    """Parts (index, uuid, profile) of each GPU, by the GPU's uuid."""
    parts: dict[str, list[tuple[str, str, str]]] = {}
    gpu_uuid = ""
    for line in list_text.splitlines():
        if whole := _GPU_LINE.match(line):
            gpu_uuid = whole["uuid"]
        elif part := _MIG_LINE.match(line):
            parts.setdefault(gpu_uuid, []).append((part["index"], part["uuid"], part["profile"]))
    return parts


def _part_of(gpu: Gpu, index: str, uuid: str, profile: str) -> Gpu:
    """Memory and load are told for the whole GPU only, so a part has none."""
    return Gpu(f"{gpu.index}:{index}", uuid, f"{gpu.name} MIG {profile}", None, None, None)
