"""A folder's CSV as this program last read or wrote it: what others changed since is known by it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from tomobatch.cor.table import table_path
from tomobatch.cor.value import check_cor
from tomobatch.errors import TomoBatchError

SCHEMA = 1

_log = logging.getLogger(__name__)


class CsvBase:
    """CORs of the CSV by file name, kept beside the folder's COR table.

    It is a memory only: where it cannot be read, rows that differ are taken for changed by both sides.

    Parameters
    ----------
    folder
        The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = table_path(folder).with_suffix(".csv-base")

    def read(self) -> dict[str, float]:
        """What the CSV held; empty where nobody knows."""
        try:
            plain = json.loads(self._path.read_bytes())
            rows = {str(name): float(cor_px) for name, cor_px in plain["cors"].items()}
            for cor_px in rows.values():
                check_cor(cor_px)
        except FileNotFoundError:
            return {}
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
            TomoBatchError,
        ) as error:
            _log.warning("%s cannot be used: %s", self._path, error)
            return {}
        return rows

    def write(self, cors_px: Mapping[str, float]) -> None:
        """Keep what the CSV holds now; whole or not at all."""
        text = json.dumps({"schema": SCHEMA, "cors": dict(sorted(cors_px.items()))})
        # Of each program its own: two may save at once.
        beside = self._path.with_suffix(f".csv-base.{os.getpid()}.part")
        try:
            beside.write_text(text, encoding="ascii")
            beside.replace(self._path)
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._path, error)
