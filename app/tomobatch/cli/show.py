"""Output for people and for programs; text from outside is shown as it is, never read as markup."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown


def plain(text: str) -> Text:
    """Text of strangers: no markup, no control characters, no bytes that are not UTF-8."""
    return Text(shown(text))


class _Console(Console):
    """Leaves it to its callers what a reader that has gone means; rich would end the program, jobs or not."""

    def on_broken_pipe(self) -> None:
        """See `Console`."""
        raise BrokenPipeError


def console() -> Console:
    """Console on stdout; without a terminal the lines are as long as they are."""
    wide = None if sys.stdout.isatty() else 200
    return _Console(width=wide, highlight=False, soft_wrap=not sys.stdout.isatty())


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> Table:
    """A table of plain texts; the columns named in `right` are aligned right."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in titles:
        # Names are read and copied whole; the last column is prose and may wrap.
        prose = title == titles[-1]
        side: Literal["left", "right"] = "right" if title in right else "left"
        made.add_column(title, justify=side, overflow="fold", no_wrap=not prose)
    for row in rows:
        made.add_row(*map(plain, row))
    return made


def print_json(values: object) -> None:
    """One line of JSON, at once; bytes that are not UTF-8 travel as escapes."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def forget_stdout() -> None:
    """Whoever read the output has gone (`| head`): what is still buffered has nowhere to go."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def warn(sentences: Iterable[str]) -> None:
    """Sentences on stderr."""
    for sentence in sentences:
        sys.stderr.write(f"{plain(sentence)}\n")


def folder_of(text: str) -> Path:
    """A folder somebody named, as an absolute path; TomoBatchError ``folder-missing``."""
    folder = Path(text).absolute()
    if not folder.is_dir():
        raise TomoBatchError("folder-missing", f"There is no folder {text}.")
    return folder
