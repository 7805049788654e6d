"""Entry point of the one program: chooses a face and imports nothing else.

Start-up counts: the embedded engine and the worker are started many times a day, so each face is
imported only when it is asked for.
"""

from __future__ import annotations

import os
import sys

from tomobatch.cli.commands import COMMANDS
from tomobatch.config.display import has_display


def main(argv: list[str] | None = None) -> int:
    """Run ``tomobatch`` with the arguments after the program's name; returns the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    first = arguments[0] if arguments else ""
    if first == "recon":
        from tomobatch.cpu_engine.main import main as recon

        return recon(arguments[1:])
    if first == "_worker":
        from tomobatch.worker.serve import main as serve

        serve()
        return 0
    if first == "_slices":
        from tomobatch.volumes.slice_child import main as slices

        return slices(arguments[1:])
    if first == "_scores":
        from tomobatch.volumes.scoring import main as scores

        return scores()
    if first == "_queue":
        from tomobatch.station.unattended import main as unattended

        return unattended(arguments[1:])
    if opens_window(arguments):
        from tomobatch.desktop.start import main as window

        return window(arguments[-1] if arguments else None)
    from tomobatch.cli.main import main as headless

    return headless(arguments)


def opens_window(arguments: list[str]) -> bool:
    """Whether these arguments ask for the window: none where there is a screen, or one folder."""
    match arguments:
        case []:
            return has_display(os.environ)
        case ["--", _]:
            return True
        case [one]:
            return one not in COMMANDS and not one.startswith("-") and (os.sep in one or os.path.isdir(one))  # noqa: PTH112 - pathlib is slow to import
        case _:
            return False


if __name__ == "__main__":
    sys.exit(main())
