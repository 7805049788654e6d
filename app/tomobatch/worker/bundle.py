"""Modules of this program as text, to be carried to a host where it is not installed."""

from __future__ import annotations

import ast
import importlib.util
import json
import zlib
from collections.abc import Iterator
from functools import cache

from tomobatch.errors import TomoBatchError
from tomobatch.worker.carried import SIZE_BYTES

_OWN = __name__.partition(".")[0]
_SERVING = f"{_OWN}.worker.serve"


@cache
def sources(*roots: str) -> dict[str, str]:
    """Texts of some modules, of what serves them, and of all of this program that these import.

    Raises
    ------
    TomoBatchError
        ``no-sources``: this program was installed without its texts.
    """
    found: dict[str, str] = {}
    wanted = [_SERVING, *roots]
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found[name] = source_of(name)
        wanted += _needed(name, found[name])
    return found


def packed(found: dict[str, str]) -> bytes:
    """Modules as `tomobatch.worker.carried` takes them."""
    content = zlib.compress(json.dumps(found).encode("ascii"))
    return len(content).to_bytes(SIZE_BYTES, "big") + content


def source_of(name: str) -> str:
    """Text of a module of this program; TomoBatchError ``no-sources`` where there is none."""
    spec = importlib.util.find_spec(name)
    text = getattr(spec.loader, "get_source", lambda _: None)(name) if spec is not None else None
    if text is None:
        raise TomoBatchError("no-sources", "this program is installed without its source texts")
    return str(text)


def _needed(name: str, text: str) -> Iterator[str]:
    package = name.rpartition(".")[0]
    if package:
        yield package
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_own(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and _is_own(node.module):
            yield node.module
            yield from (whole for whole in _below(node) if importlib.util.find_spec(whole))


def _below(node: ast.ImportFrom) -> Iterator[str]:
    """What is imported may be a module itself, where it comes from a package."""
    spec = importlib.util.find_spec(node.module or "")
    if spec is not None and spec.submodule_search_locations is not None:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_own(name: str) -> bool:
    return name.partition(".")[0] == _OWN
