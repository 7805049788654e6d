"""What is carried to another host: all that is needed, nothing else, and nothing too new for its Python."""

import ast
import builtins
import json
import subprocess
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.worker import bundle
from tomobatch.worker.carried import SIZE_BYTES

FINISH = "tomobatch.recon.finish"
NEEDED = {"h5py", "numpy", "tifffile"}


@pytest.fixture
def sources():
    return bundle.sources(FINISH)


def imported(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_what_is_imported_is_carried_and_nothing_else_is(sources):
    assert {FINISH, "tomobatch.worker.serve", "tomobatch.formats.hdf5", "tomobatch"} <= set(sources)
    own = {name for text in sources.values() for name in imported(text) if name.startswith("tomobatch")}
    assert own <= set(sources)
    packages = {name.rpartition(".")[0] for name in sources} - {""}
    assert set(sources) <= own | packages | {FINISH, "tomobatch.worker.serve"}


def test_that_host_needs_no_more_than_it_is_asked_for(sources):
    others = {name.partition(".")[0] for text in sources.values() for name in imported(text)}
    assert others - set(sys.stdlib_module_names) - {"tomobatch"} == NEEDED


def test_a_module_named_by_its_package_is_found():
    assert "tomobatch.worker.carried" in bundle.sources("tomobatch.machines.far_worker")


def test_it_arrives_as_it_was_sent(sources):
    sent = bundle.packed(sources)
    assert int.from_bytes(sent[:SIZE_BYTES], "big") == len(sent) - SIZE_BYTES
    assert json.loads(zlib.decompress(sent[SIZE_BYTES:])) == sources


def test_a_program_without_its_texts_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: SimpleNamespace(loader=object()))
    with pytest.raises(TomoBatchError) as caught:
        bundle.source_of(FINISH)
    assert caught.value.code == "no-sources"


@pytest.fixture
def files(sources):
    return [Path(find_spec(name).origin) for name in [*sources, "tomobatch.worker.carried"]]


def test_it_runs_on_a_python_of_3_9(files):
    """The Python of an engine may be an old one; StrEnum is lent to it."""
    vermin = [Path(sys.executable).with_name("vermin"), "--target=3.9-", "--violations", "--no-tips"]
    lent = ["--exclude", "enum.StrEnum", "--processes=1"]
    done = subprocess.run([*vermin, *lent, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_union_of_types_is_made_when_it_is_imported(files):
    """``int | str`` outside an annotation, which that program cannot tell from a union of sets."""
    found = [
        f"{file.name}:{node.lineno}"
        for file in files
        for node in evaluated(ast.parse(file.read_text()))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitOr)
        and any(map(is_type, operands(node)))
    ]
    assert found == []


def evaluated(node):
    """All nodes but those of annotations, which nothing evaluates."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from evaluated(child)


def operands(node):
    return [part.value if isinstance(part, ast.Subscript) else part for part in (node.left, node.right)]


def is_type(node):
    name = node.id if isinstance(node, ast.Name) else ""
    # As classes are named here, not as constants are.
    class_like = name[:1].isupper() and name.upper() != name
    return class_like or isinstance(getattr(builtins, name, None), type) or ast.unparse(node) == "None"
