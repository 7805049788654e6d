"""Real results: what the embedded engine makes of small phantoms, swapped in with their receipts."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict
from pathlib import Path
from queue import Queue

import h5py
import pytest

from tomobatch.cpu_engine.main import main
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.command import build_command
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind
from tomobatch.recon.finish import finish
from tomobatch.recon.options import parse_options
from tomobatch.recon.receipt import RunFacts
from tomobatch.recon.request import ScanFile, make_request
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.opening import open_wanted
from tomobatch.volumes.reader import Reader
from tomobatch.volumes.wanted import Mode, Part, Wanted
from unit.volumes.reader_aid import WAIT_S


@pytest.fixture
def buffers():
    return Buffers()


@pytest.fixture
def demo(tmp_path):
    """A demo scan: its path and its true COR."""
    made = write_demo_scans(tmp_path / "scans", 1, 64)[0]
    return made.path, made.cor_px


@pytest.fixture
def reconstruct(tmp_path):
    """Run the engine on a scan as the program does: ``reconstruct(path, Kind.TRY, 30.5, "--binning=1")``."""

    def run(path, kind, cor_px, *pairs, width_px=3, step_px=0.5):
        with h5py.File(path, "r") as file:
            shape = file["exchange/data"].shape
        search = (f"--center-search-width={width_px}", f"--center-search-step={step_px}")
        request = make_request(
            job_id="job1",
            scan=ScanFile.of(path),
            layout="dxchange",
            kind=kind,
            cor_px=cor_px,
            cor_source="typed",
            shape=shape,
            options=parse_options([*search, *pairs]),
            engine=Engine(EngineKind.CPU, (sys.executable,), "1.0"),
            offer=EMBEDDED_OFFER,
        )
        command = build_command(request, str(tmp_path))
        assert main(command[2:]) == 0
        facts = RunFacts(tuple(command), "Local", "CPU 0", 1000.0, 1001.0)
        said = finish(request.to_dict(), asdict(facts))
        assert said["code"] == "good", said
        return Path(request.final)

    return run


@pytest.fixture
def look(buffers):
    """Open a part of a scan: ``look(path, Part.FLATS)``."""
    with contextlib.ExitStack() as stack:

        def opened(path, part=Part.PROJECTIONS):
            source = open_wanted(Wanted(path, Mode.RAW, part))
            stack.callback(source.close)
            return source

        yield opened


@pytest.fixture
def begin():
    """Read a source: ``begin(source)`` gives the reader and the queue of what it tells."""
    readers = []

    def make(source, **arguments):
        told = Queue()
        readers.append(Reader(lambda: source, told.put, **arguments))
        assert told.get(timeout=WAIT_S) is source
        return readers[-1], told

    yield make
    for made in readers:
        made.close()
