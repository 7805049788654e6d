"""The engine of a machine: asked of real programs."""

import pytest

from system.far import Far
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


# -- far machines -------------------------------------------------------------------------


@pytest.fixture
async def tomo1():
    far = Far("tomo1")
    yield far
    await far.close()


async def test_a_far_machine_without_any_engine_is_told_apart_with_what_to_set(tomo1, monkeypatch):
    # The embedded engine of this host does not run there.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for wanted, missing in (("auto", "tomocupy"), ("tomocupy", "tomocupy"), ("cpu", "tomobatch")):
        with pytest.raises(TomoBatchError, match=f"{missing} was not found on tomo1: in Machines") as caught:
            await choose_engine(tomo1, wanted)
        assert caught.value.code == "engine-missing"


async def test_the_embedded_engine_of_a_far_machine_is_the_one_there(tomo1, tmp_path, monkeypatch):
    program = tmp_path / "tomobatch"
    program.write_text("#!/bin/sh\necho TomoBatch 9.8.7\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for wanted in ("auto", "cpu"):
        engine, _ = await choose_engine(tomo1, wanted)
        assert (engine.kind, engine.program, engine.version) == (EngineKind.CPU, (str(program),), "9.8.7")


async def test_the_list_may_name_a_program(tomo1, on_path):
    engine, _ = await choose_engine(tomo1, on_path(PROGRAM))
    assert engine.kind is EngineKind.PROGRAM


async def test_a_machine_that_does_not_answer_has_no_missing_engine(tomo1):
    tomo1.cut()
    with pytest.raises(TomoBatchError) as caught:
        await choose_engine(tomo1)
    assert caught.value.code == "unreachable"
