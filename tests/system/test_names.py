"""Any name a file system takes goes through the list, a run, the log and the deletion."""

import asyncio
import os
import shutil
import time
import unicodedata

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from system.stand import write_scan
from tomobatch.batch.states import JobState
from tomobatch.desktop.log_lines import describe
from tomobatch.recon.kinds import Kind
from tomobatch.station.engines import choose_engine
from tomobatch.station.follow import see_through
from tomobatch.station.removing import Remover, Target
from tomobatch.station.station import Station
from tomobatch.workspace import Workspace

HOSTILE = [
    "-rf", "--file-name", "$(touch gone)", "`touch gone`", "a;b&c|d", "two\nlines", "tab\there", "'\"\\",
    " lead", "trail ", "*?[x]", "%s%b%n", "{0}", "<b>bold", "&amp;", "\u202egnp.exe", "שלום", "e\u0301",
    "👩\u200d🔬", "\x07\x1b[31m", "~", "#", "name.h5", "x" * 200,
]  # fmt: skip
MOST_BYTES = 255
ENDING = ".h5"
STEMS = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=60).filter(
    lambda stem: not stem.startswith(".") and len(stem.encode()) <= MOST_BYTES - len(ENDING)
)


def place(stem):
    """Names that some file system would take for the same."""
    return unicodedata.normalize("NFKC", stem).casefold().strip()


@settings(max_examples=2, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEMS, min_size=5, max_size=5, unique_by=place))
def test_any_name_is_listed_run_logged_and_deleted(tmp_path_factory, own_home, stems):
    folder = tmp_path_factory.mktemp("names") / "scans"
    folder.mkdir()
    taken = {place(stem) for stem in HOSTILE}
    names = {f"{stem}{ENDING}" for stem in [*HOSTILE, *(stem for stem in stems if place(stem) not in taken)]}
    write_scan(folder / "first.h5", rows=1)
    for name in names:
        shutil.copy(folder / "first.h5", folder / name)
        os.utime(folder / name, (time.time() - 3600,) * 2)
    (folder / "first.h5").unlink()
    asyncio.run(take_through(folder, names))
    assert [path.name for path in folder.iterdir()] == []
    assert sorted(path.name for path in folder.parent.iterdir()) == ["scans", "scans_rec"]


async def test_a_name_too_long_for_results_is_listed_refused_and_deleted(tmp_path, own_home):
    folder = tmp_path / "scans"
    folder.mkdir()
    fits, long = f"{'é' * 109}{ENDING}", f"{'é' * 126}{ENDING}"
    for name in (fits, long):
        os.utime(write_scan(folder / name, rows=1), (time.time() - 3600,) * 2)
    async with Station() as station:
        rows = await Workspace(folder, station.looking).load()
        engine = await choose_engine(station.machine("Local"), "cpu")
        submission = station.submit(Kind.TRY, rows, "Local", engine, {"center-search-width": 1.0})
        (refused,) = submission.refused
        assert refused.startswith(long)
        assert "make it 16 letters shorter" in refused
        await see_through(station, [row.uid for row in submission.rows])
        assert [station.journal.row(row.uid).state for row in submission.rows] == [JobState.COMPLETE]
        await delete_all(station, folder, rows)
    assert list(folder.iterdir()) == []


async def take_through(folder, names):
    async with Station() as station:
        rows = await Workspace(folder, station.looking).load()
        assert {row.scan.file.name for row in rows} == names
        lines = []
        station.listeners.append(lambda event: lines.append((event.row.uid, describe(event))))
        engine = await choose_engine(station.machine("Local"), "cpu")
        submission = station.submit(Kind.TRY, rows, "Local", engine, {"center-search-width": 1.0})
        assert submission.refused == []
        await see_through(station, [row.uid for row in submission.rows])
        for row in submission.rows:
            ended = station.journal.row(row.uid)
            assert ended.state is JobState.COMPLETE, (ended.job.file_name, ended.note)
            said = [line[1] for uid, line in lines if uid == row.uid and line is not None]
            assert said
            assert all(text.replace("\ufe0f", "").isprintable() for text in said)
        await delete_all(station, folder, rows)


async def delete_all(station, folder, rows):
    remover, told = Remover(station.looking, station.journal, station.marking.station), {}
    targets = [Target(row.scan.file, row.scan) for row in rows]
    check = await remover.check(folder, targets, lambda *_: None)
    assert check.refused == {}
    await remover.delete(check, lambda name, error: told.update({name: error}), asyncio.Event())
    assert told == dict.fromkeys([row.scan.file.name for row in rows])
