"""``tomobatch machines`` and ``move``, over a list of this test."""

import json

import pytest

from system.far import Far
from system.stand import ENGINE
from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.cli.main import main
from tomobatch.config.machines import ANY, LOCAL, MachineEntry, MachineKind
from tomobatch.config.places import host_state_folder
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile
from tomobatch.station import registry

ENTRIES = (
    MachineEntry(LOCAL, MachineKind.LOCAL, gpus=1, engine="cpu"),
    MachineEntry("tomo1", host="tomo1", engine=str(ENGINE)),
    MachineEntry("tomo2", host="tomo2", engine=str(ENGINE), in_any=False),
)


@pytest.fixture(autouse=True)
def machines(monkeypatch):
    def make(entry):
        if entry.kind is MachineKind.LOCAL:
            return registry.Local(entry.name)
        far = Far(entry.name, gpus=2)
        if entry.name == "tomo2":
            far.cut()
        return far

    monkeypatch.setattr(registry, "listed", lambda: ENTRIES)
    monkeypatch.setattr(registry, "maker", lambda _: make)


def queue(machine="tomo1", **options):
    """A job that waits, as a program has queued it."""
    journal = Journal(host_state_folder() / "journal")
    scan = ScanFile(f"/d/scans/{len(journal.rows())}.h5", 1, 2, 3)
    places = ("/d/scans_rec/a_rec", "/d/scans_rec/a_rec.partial")
    engine = Engine(EngineKind.PROGRAM, (str(ENGINE),))
    request = ReconRequest("j", scan, Kind.FULL, 5.0, "typed", (4, 2, 16), options, engine, *places)
    uid = f"job{len(journal.rows())}"
    journal.add([Job(uid, Kind.FULL, scan.path, machine, "GPU", request.to_dict(), 0.0)])
    journal.close()


def test_each_machine_is_told_with_engine_and_slots_or_why_not(capsys):
    queue()
    assert main(["machines", "--json"]) == 0
    lines = {line["machine"]: line for line in json.loads(capsys.readouterr().out)}
    local, tomo1, tomo2 = (lines[entry.name] for entry in ENTRIES)
    assert local["engine"].startswith("CPU engine")
    assert (local["standing"], local["slots"], local["kind"]) == ("reachable", 1, "CPU")
    assert (tomo1["standing"], tomo1["slots"], tomo1["kind"]) == ("reachable", 2, "GPU")
    assert (tomo1["engine"], tomo1["waiting"], tomo1["in_any"]) == (str(ENGINE), 1, True)
    assert (tomo2["standing"], tomo2["note"], tomo2["in_any"]) == ("lost", "tomo2 does not answer.", False)
    assert main(["machines"]) == 0
    assert "tomo2 does not answer." in capsys.readouterr().out


def test_what_waits_is_moved_and_what_cannot_be_is_said(capsys):
    queue()
    queue(dezinger=3)
    assert main(["move", "tomo1", ANY, "--json"]) == 0
    assert [job["machine"] for job in json.loads(capsys.readouterr().out)] == [ANY, ANY]
    assert main(["move", ANY, "tomo1"]) == 1
    told = capsys.readouterr()
    assert told.out == "1 job waits for tomo1 now\n"
    assert told.err.startswith("1.h5 stays with Any machine: ")
    assert main(["move", "tomo1", "tomo9"]) == 1
    assert capsys.readouterr().err == "There is no machine tomo9; there is: Local, tomo1, tomo2.\n"
    assert main(["move", "tomo1", "tomo2"]) == 1
    assert capsys.readouterr().err == "tomo2 does not answer.\n"


def test_what_becomes_of_jobs_of_a_lost_machine_is_decided_once_for_all_programs():
    assert main(["machines", "--lost-jobs", "move", "--json"]) == 0
    journal = Journal(host_state_folder() / "journal")
    assert journal.choice("lost-jobs") == "move"
    journal.close()
