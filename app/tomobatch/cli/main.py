"""The headless face: subcommands of ``tomobatch``."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Callable
from importlib import import_module

from tomobatch.cli.commands import COMMANDS
from tomobatch.cli.exits import EXIT_FAILED, EXIT_INTERRUPTED
from tomobatch.cli.parser import build_parser
from tomobatch.cli.show import forget_stdout
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown


def main(argv: list[str]) -> int:
    """Run a subcommand; returns the exit status. Errors are sentences on stderr."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = build_parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command != "run":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _dispatch(arguments.command)(arguments, rest)
    except TomoBatchError as error:
        return _say(error.sentence)
    except sqlite3.Error as error:
        return _say(f"The job journal cannot be used ({error}). Is the disk full? Jobs that run go on.")
    except BrokenPipeError:
        forget_stdout()
        return EXIT_FAILED
    except OSError as error:
        return _say(f"That failed: {error}")
    except ExceptionGroup as group:
        reason = _innermost(group)
        return _say(f"That failed: {reason}. Jobs that run go on; `tomobatch resume` follows them.")
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED


def _innermost(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _say(sentence: str) -> int:
    sys.stderr.write(f"{shown(sentence)}\n")
    return EXIT_FAILED


def _dispatch(command: str) -> Callable[[argparse.Namespace, list[str]], int]:
    # Each command imports what it needs: `cor set` must not wait for the scheduler's libraries.
    module, function = COMMANDS[command]
    found: Callable[[argparse.Namespace, list[str]], int] = getattr(import_module(module), function)
    return found
