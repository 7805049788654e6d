"""Jobs run once more: their scans as they are now."""

from desktop.scan_aid import job
from tomobatch.batch.states import JobState
from tomobatch.formats.demo import write_demo_scans
from tomobatch.station.retrying import scans_now
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
