"""Entry point of the one program: chooses a face and imports nothing else.

Start-up counts: the embedded engine and the worker are started many times a day, so each face is
imported only when it is asked for.
"""

from __future__ import annotations

import sys


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
    from tomobatch.cli.main import main as headless

    return headless(arguments)


if __name__ == "__main__":
    sys.exit(main())
