"""Free space beside the batch."""

import asyncio
import threading

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.desktop import space as space_module
from tomobatch.desktop.space import Space, space_text
from tomobatch.desktop.tasks import Tasks
from tomobatch.recon.kinds import Kind


def row(uid, path, state=JobState.RUNNING, **fields):
    return JobRow(Job(uid, Kind.FULL, str(path), "Local", "CPU", {}, 1.0), state, 1, 1, **fields)


def test_words():
    assert space_text(1_800_000_000_000, 600_000_000_000) == "1.8 TB free, 1.2 TB after this batch"
    assert space_text(5_000_000, 7_000_000) == "5.0 MB free, 2.0 MB too little for this batch"
    assert space_text(5_000_000, None) == "5.0 MB free"


def active(*rows):
    return {one.uid: one for one in rows}


async def test_it_is_followed_while_jobs_run_and_forgotten_after(small_disk):
    (small_disk / "scans").mkdir()
    scan = small_disk / "scans" / "a.h5"
    tasks, texts = Tasks(print), []
    space = Space(tasks, lambda: texts.append(space.text), look_s=0.02)
    space.note_needs({"a": 100_000, "b": 50_000})

    async def until(true):
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.01)

    space.follow(active(row("a", scan), row("b", scan, JobState.QUEUED)))
    await until(lambda: texts)
    assert texts == ["524.3 kB free, 374.3 kB after this batch"]
    (small_disk / "big").write_bytes(bytes(200 * 1024))
    await until(lambda: len(texts) > 1)
    assert texts[-1] == "319.5 kB free, 169.5 kB after this batch"
    # What it has written is not free any more, and not needed any more.
    space.follow(active(row("a", scan, progress=0.75), row("b", scan, JobState.QUEUED)))
    await until(lambda: len(texts) > 2)
    assert texts[-1] == "319.5 kB free, 244.5 kB after this batch"
    space.follow(active(row("a", scan), row("stranger", scan)))
    await until(lambda: texts[-1] == "319.5 kB free")
    space.follow({})
    await until(lambda: texts[-1] == "")
    await tasks.close()


async def test_it_is_that_of_the_disk_where_results_will_lie(small_disk):
    space, scans = Space(Tasks(print), lambda: None), small_disk / "scans"
    scans.mkdir()
    assert await space.free(scans) <= 512 * 1024
    assert await space.free(small_disk / "gone" / "scans") is None


async def test_a_disk_that_hangs_holds_one_thread(tmp_path, monkeypatch):
    hangs, asked = threading.Event(), []

    def hang(folder):
        asked.append(folder)
        hangs.wait()
        return 7

    monkeypatch.setattr(space_module, "free_bytes", hang)
    monkeypatch.setattr(space_module, "ANSWER_S", 0.02)
    space = Space(Tasks(print), lambda: None)
    for _ in range(40):
        assert await space.free(tmp_path) is None
    assert asked == [tmp_path]
    # Other work still finds a thread.
    assert await asyncio.to_thread(lambda: 1) == 1
    hangs.set()
    monkeypatch.setattr(space_module, "ANSWER_S", 10)
    assert await space.free(tmp_path) == 7
    assert await space.free(tmp_path) == 7
    assert len(asked) <= 3
