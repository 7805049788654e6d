"""Jobs run once more: their scans as they are now."""

from dataclasses import replace

from desktop.scan_aid import job
from tomobatch.batch.chunks import Chunks
from tomobatch.batch.states import JobState
from tomobatch.formats.demo import write_demo_scans
from tomobatch.machines.slots import Slot
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile
from tomobatch.station.retrying import next_chunk, options_with_half, retry_text, scans_now, smaller_again
from tomobatch.station.station import Station


async def test_a_folder_that_is_gone_keeps_nobody_from_the_scans_of_another(tmp_path):
    folder, gone = tmp_path / "scans", tmp_path / "unmounted"
    write_demo_scans(folder, 1, 32)
    paths = [folder / "demo_0001.h5", folder / "demo_0009.h5", gone / "a.h5", gone / "b.h5"]
    jobs = [job(path.name, JobState.FAILED, place=place, path=str(path)) for place, path in enumerate(paths)]
    async with Station() as station:
        now = await scans_now(station.looking, paths)
    assert list(now.scans) == paths[:1]
    first, second = now.missing(jobs)
    assert first.startswith("demo_0009.h5 is not there any more")
    assert str(gone) in second


TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",))
GPU_0 = Slot("GPU", "0")


def short_of_memory(kind=Kind.FULL, slot=GPU_0, state=JobState.FAILED, place=1, **options):
    scan = ScanFile("/d/a.h5", 1, 1, 1)
    places = ("/d_rec/a", "/d_rec/a.partial")
    request = ReconRequest("j", scan, kind, 7.0, "typed", (90, 32, 256), options, TOMOCUPY, *places)
    made = job("a.h5", state, kind, place, code="gpu-memory")
    return replace(made, slot=slot, job=replace(made.job, request=request.to_dict()))


def test_half_of_what_the_job_was_given():
    assert next_chunk(short_of_memory()) == 4
    assert next_chunk(short_of_memory(slot=Slot("GPU", "0", chunk=4))) == 2
    assert next_chunk(short_of_memory(slot=Slot("GPU", "0", chunk=2))) == 0
    assert next_chunk(replace(short_of_memory(), code="traceback")) == 0
    assert next_chunk(job("a.h5", JobState.FAILED, code="gpu-memory")) == 0
    assert retry_text(short_of_memory(Kind.TRY)) == "Retry in 2 parts"


def test_a_job_that_was_queued_again_is_left_alone():
    first = short_of_memory()
    assert smaller_again([first]) == [first]
    assert smaller_again([first, short_of_memory(state=JobState.RUNNING, place=2)]) == []
    assert smaller_again([first, replace(short_of_memory(place=2), code="killed")]) == []


def test_the_options_of_another_run(tmp_path):
    chunks = Chunks(tmp_path)
    row = short_of_memory(binning=1)
    assert options_with_half(row, TOMOCUPY, chunks) == {"binning": 1, "nsino-per-chunk": 4}
    assert options_with_half(row, Engine(EngineKind.CPU, ("x",)), chunks) == {"binning": 1}
    assert options_with_half(replace(row, code="killed"), TOMOCUPY, chunks) == {"binning": 1}
    assert chunks.of(ReconRequest.from_dict(row.job.request), "Local", row.slot) == 4
