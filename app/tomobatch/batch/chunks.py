"""Chunks that GPUs were found to bear, remembered for all later jobs of this user.

A JSON file that people may read and change: ``{"NVIDIA A100 · Full · 1500 × 2048 × 2448 · binning 0": 4}``.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tomobatch.machines.slots import Slot
from tomobatch.recon.chunk import chunk_of, fit_key, smaller_chunk
from tomobatch.recon.request import ReconRequest

log = logging.getLogger(__name__)

FILE = "chunks.json"
MOST_CHUNK = 4096
_LARGEST_BYTES = 1 << 20


class Chunks:
    """What is remembered; several processes may read and write it.

    Parameters
    ----------
    folder
        Where the file lies; it is made with the first number.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def of(self, request: ReconRequest, machine: str, slot: Slot) -> int:
        """What a run is to have at a time on this slot; 0 where nothing is remembered, or it has less."""
        if not request.engine.uses_gpu:
            return 0
        remembered = self._read().get(fit_key(request, gpu_name(machine, slot)), 0)
        return remembered if remembered and chunk_of(request, remembered) < chunk_of(request) else 0

    def halve(self, request: ReconRequest, machine: str, slot: Slot) -> int:
        """Remember half of what a run had on this slot, and give it; 0 where there is nothing smaller.

        That it cannot be written down is said in the log alone: the run itself is given the number.
        """
        half = smaller_chunk(request, slot.chunk)
        if half:
            try:
                self._remember(fit_key(request, gpu_name(machine, slot)), half)
            except OSError as error:
                log.warning("chunk %d is not remembered: %s", half, error)
        return half

    def _read(self) -> dict[str, int]:
        """A file that is damaged, or in part, is as good as what can be read of it."""
        try:
            with self._path.open("rb") as file:
                plain = json.loads(file.read(_LARGEST_BYTES))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s cannot be read: %s", self._path, error)
            return {}
        found = plain.items() if isinstance(plain, dict) else ()
        return {key: chunk for key, chunk in found if type(chunk) is int and 1 <= chunk <= MOST_CHUNK}

    def _remember(self, key: str, chunk: int) -> None:
        with self._alone():
            known = self._read()
            known[key] = min(chunk, known.get(key, chunk))
            part = self._path.with_name(f"{FILE}.{os.getpid()}.part")
            part.write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True), encoding="utf-8")
            part.replace(self._path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing at the same time; the kernel lets go for one that dies."""
        with self._path.with_name(f"{FILE}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def gpu_name(machine: str, slot: Slot) -> str:
    """The GPU's make, for all GPUs of that make are alike; else its place."""
    return slot.model or f"{machine} {slot.word}"
