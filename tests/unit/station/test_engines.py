"""The engine of a machine: asked of real programs."""

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.machines.local import Local
from tomobatch.recon.engines import EngineKind
from tomobatch.station.engines import choose_engine

PROGRAM = """#!/bin/sh
[ "$2" = -h ] && [ "$1" = recon ] && printf '  --file-name F\\n  --binning B\\n'
[ "$1" = --version ] && echo "tomocupy 1.1.0"
exit 0
"""


@pytest.fixture
async def machine():
    local = Local()
    yield local
    await local.close()


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    def put(text):
        program = tmp_path / "tomocupy"
        program.write_text(text)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return str(program)

    return put


async def test_tomocupy_where_it_is_found(machine, on_path):
    on_path(PROGRAM)
    engine, offer = await choose_engine(machine)
    assert (engine.kind, engine.version) == (EngineKind.TOMOCUPY, "1.1.0")
    assert offer.recon == {"file-name", "binning"}
    assert offer.steps == frozenset()


async def test_the_embedded_one_otherwise(machine):
    engine, offer = await choose_engine(machine)
    assert engine.kind is EngineKind.CPU
    assert "binning" in offer.recon


async def test_the_embedded_one_by_name_even_where_tomocupy_is_found(machine, on_path):
    on_path(PROGRAM)
    assert (await choose_engine(machine, "cpu"))[0].kind is EngineKind.CPU


async def test_tomocupy_by_name_must_be_there(machine):
    with pytest.raises(TomoBatchError, match="tomocupy was not found on Local") as caught:
        await choose_engine(machine, "tomocupy")
    assert caught.value.code == "engine-missing"


async def test_a_broken_tomocupy_is_said_and_not_passed_over(machine, on_path):
    """Whoever has it installed expects its speed; to take the CPU silently would cost a night."""
    on_path("#!/bin/sh\necho 'ImportError: libcuda.so' >&2\nexit 1\n")
    with pytest.raises(TomoBatchError) as caught:
        await choose_engine(machine)
    assert caught.value.code == "engine-help"


async def test_a_program_by_its_path(machine, on_path):
    engine, _ = await choose_engine(machine, program=on_path(PROGRAM))
    assert engine.kind is EngineKind.PROGRAM
    assert engine.uses_gpu
