"""Facts about one file, gathered in the worker process and carried home as JSON."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.formats.layout import PixelSize, ScanLayout, read_layout


@dataclass(frozen=True)
class Facts:
    """What an inspection found.

    Parameters
    ----------
    layout
        None where the file is no readable scan; `code` and `sentence` say why then.
    code, sentence
        Of the error, else empty.
    changed
        Whether the file changed while it was inspected.
    """

    layout: ScanLayout | None
    code: str = ""
    sentence: str = ""
    changed: bool = False

    @classmethod
    def of_error(cls, error: TomoBatchError) -> Facts:
        """Facts about a file that could not be inspected."""
        return cls(None, error.code, error.sentence)


def inspect_file(path: str) -> dict[str, Any]:
    """Read a file's layout; an error is part of the answer. Runs in the worker process."""
    before = _look(path)
    try:
        with open_hdf5(path) as file:
            answer: dict[str, Any] = {"layout": asdict(read_layout(file))}
    except TomoBatchError as error:
        answer = {"layout": None, "code": error.code, "sentence": error.sentence}
    return {**answer, "changed": _look(path) != before}


def _look(path: str) -> tuple[int, int] | None:
    try:
        facts = os.stat(path)  # noqa: PTH116 - the name may hold anything, a Path adds nothing
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns


def facts_from_json(answer: dict[str, Any]) -> Facts:
    """What `inspect_file` answered, as `Facts`."""
    layout = answer.pop("layout")
    return Facts(_layout_from_json(layout) if layout else None, **answer)


def _layout_from_json(layout: dict[str, Any]) -> ScanLayout:
    pixel_size, chunks = layout["pixel_size"], layout["chunks"]
    changed = {
        "pixel_size": PixelSize(**pixel_size) if pixel_size else None,
        "chunks": tuple(chunks) if chunks else None,
    }
    return ScanLayout(**{**layout, **changed})
