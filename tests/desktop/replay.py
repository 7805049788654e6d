"""An engine called tomocupy for stories in the live window: it does what the scan's name says."""

from __future__ import annotations

import os
from pathlib import Path

from system.stand import ENGINE, Stand

FAILING = """#!/bin/sh
# fails while the flag is there, and is asked for its options all the same
case " $* " in
*' -h '*|*' --version '*) ;;
*) [ -e "{flag}" ] && {{ echo 'something odd' >&2; exit 3; }} ;;
esac
exec {engine} "$@"
"""


class Replay(Stand):
    """A stand whose engine is found on the PATH; `flag`, while it is there, makes every run fail."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.flag = folder / "fail"
        tomocupy = folder / "bin" / "tomocupy"
        tomocupy.parent.mkdir()
        tomocupy.write_text(FAILING.format(flag=self.flag, engine=ENGINE))
        tomocupy.chmod(0o755)
        self.env["PATH"] = f"{tomocupy.parent}:{os.environ['PATH']}"

    @property
    def window_env(self) -> dict[str, str]:
        """What the window's environment needs."""
        return {name: text for name, text in self.env.items() if name.startswith("REPLAY") or name == "PATH"}

    def begun(self) -> list[str]:
        """Names of the scans in the order in which the engine began them."""
        lines = (line.split() for line in self.runs_file.read_text().splitlines())
        return [line[1] for line in lines if line[0] == "begin"]
