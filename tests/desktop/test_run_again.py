"""What failed is planned once more for the machine it was queued for."""

from dataclasses import replace
from types import SimpleNamespace

from desktop.scan_aid import FOLDER, job, scan
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop.run_again import RunAgain
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.workspace import ScanRow

ENGINE = (Engine(EngineKind.CPU, ("/opt/tomobatch",), ""), EMBEDDED_OFFER)
LOST = TomoBatchError("unreachable", "tomo2 does not answer.")


async def engine_on(machine):
    if machine == "tomo2":
        raise LOST
    return ENGINE


def row_of(path):
    cor = CorEntry(1200.0, CorSource.TYPED, 0.0)
    return SimpleNamespace(row=ScanRow(scan(path.name), cor, ()))


def failed(name, machine, queued_for="", place=1, kind=Kind.FULL):
    row = job(name, JobState.FAILED, kind, place=place)
    return replace(row, job=replace(row.job, machine=machine), queued_for=queued_for)


async def test_each_goes_where_it_was_whatever_the_target_is_by_now():
    queue = SimpleNamespace(target=SimpleNamespace(engine_on=engine_on), busy_scans=set)
    again = RunAgain(queue, SimpleNamespace(at=row_of))
    rows = [
        failed("a.h5", "Local"),
        failed("b.h5", "tomo1", place=2),
        failed("c.h5", "tomo1", ANY, place=3),
        failed("d.h5", "tomo2", place=4),
        failed("e.h5", "tomo1", place=5, kind=Kind.TRY),
    ]
    plans = await again.plan(rows, smaller=False)
    planned = [(one.job.machine, one.job.file_name) for plan in plans for _, one in plan.ready]
    assert planned == [
        ("tomo1", "e.h5"), ("Local", "a.h5"), ("tomo1", "b.h5"), (ANY, "c.h5"),
    ]  # fmt: skip
    assert [sentence for plan in plans for sentence in plan.refused] == [LOST.sentence]
    assert {one.job.path for plan in plans for _, one in plan.ready} == {
        str(FOLDER / f"{letter}.h5") for letter in "eabc"
    }
