"""The child's side: one JSON line in, a function called, one JSON line out.

A request is ``{"call": "tomobatch.package.module:function", "arguments": [...]}``; the answer is
``{"answer": ...}`` or ``{"error": [code, sentence]}``. JSON escapes let file names that are not UTF-8
through. Anything a function raises beside `TomoBatchError` is a mistake of this program: it ends the
process with a traceback on stderr, and the other side starts a new one.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import re
import select
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from tomobatch.errors import TomoBatchError

READY = b'{"ready": true}\n'

_FUNCTION = re.compile(r"(tomobatch(?:\.[a-z]\w*)+):([a-z]\w*)")


def main(answer: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> int:
    """Serve requests until stdin closes, by calling functions of this program unless told otherwise."""
    answer = answer or _answer
    requests, answers = _private_pipes()
    faulthandler.enable()
    # A descriptor of its own: after a mistake the other is closed, and its traceback must still come out.
    watched = os.dup(requests.fileno())
    threading.Thread(target=_end_with_caller, args=(watched,), daemon=True).start()
    with requests, answers:
        _send(answers, READY)
        for line in requests:
            _send(answers, json.dumps(answer(json.loads(line))).encode("ascii") + b"\n")
    return 0


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the protocol off 0 and 1, so that what libraries print, or read, cannot mix with it."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb", buffering=0)


def _end_with_caller(requests: int) -> None:
    """End at once when the other side is gone, in the middle of a call too."""
    gone = select.poll()
    gone.register(requests, 0)
    gone.poll()
    os._exit(0)


def _send(answers: BinaryIO, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[answers.write(rest) :]


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": find_function(request["call"])(*request["arguments"])}
    except TomoBatchError as error:
        return {"error": [error.code, error.sentence]}


def find_function(name: str) -> Callable[..., Any]:
    """The public function of this package called ``tomobatch.package.module:function``.

    Raises
    ------
    TomoBatchError
        ``not-allowed``: anything else, functions merely imported there included.
    """
    parts = _FUNCTION.fullmatch(name)
    if parts is not None:
        function: Callable[..., Any] | None = getattr(importlib.import_module(parts[1]), parts[2], None)
        if callable(function) and getattr(function, "__module__", None) == parts[1]:
            return function
    raise TomoBatchError(
        "not-allowed", f"The worker does not run {name!r}: it is no function of this program."
    )
