"""Deleting raw data: what is refused and why, with real files, a real worker and a real journal."""

import asyncio
import os
import time

import h5py
import pytest

from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.batch.marks import Mark, marks_folder, write_mark
from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.scan import Scan, ScanState
from tomobatch.station.removing import Remover, Target
from tomobatch.worker.client import Worker
from unit.formats.files import write_dxchange
from unit.worker.aid import PROGRAM, share_import_path

MINE = "here:/journal"


class Desk:
    """A folder of scans, and a remover for it."""

    def __init__(self, folder):
        self.folder = folder / "scans"
        self.folder.mkdir()
        self.worker, self.journal = Worker(PROGRAM), Journal(folder / "journal")
        self.remover = Remover(self.worker, self.journal, MINE)
        self.told, self.progress = {}, []

    def scans(self, *names):
        for name in names:
            old(write_dxchange(self.folder / name))

    def link(self, name, *targets):
        with h5py.File(self.folder / name, "a") as file:
            for number, target in enumerate(targets):
                file[f"link{number}"] = h5py.ExternalLink(target, "/exchange/data")
        old(self.folder / name)

    async def targets(self, *names, state=ScanState.READY):
        files = await Catalogue(self.folder, self.worker).files()
        return [Target(file, Scan(file, state, "why", None)) for file in files if file.name in names]

    async def check(self, *names, **facts):
        targets = await self.targets(*names, **facts)
        return await self.remover.check(self.folder, targets, lambda *now: self.progress.append(now))

    async def delete(self, check):
        await self.remover.delete(check, self.tell, asyncio.Event())

    def tell(self, name, error):
        self.told[name] = error.code if error else ""

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
async def desk(tmp_path, monkeypatch):
    share_import_path(monkeypatch)
    made = Desk(tmp_path)
    yield made
    await made.worker.close()
    made.journal.close()


def old(path):
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def codes(check):
    return {name: error.code for name, error in check.refused.items()}


def job(path, kind=Kind.TRY, uid="j1"):
    return Job(uid, kind, str(path), "Local", "CPU", {}, 0.0)


def mark(scan, station="there:/journal", uid="m1"):
    return Mark(uid, scan, "full", station, "tomo5", "beamline", 1.7e9, "tomo5")


async def test_what_is_asked_for_is_deleted_and_nothing_else(desk):
    desk.scans("a.h5", "b.h5", "c.h5")
    check = await desk.check("a.h5", "b.h5")
    assert sorted(check.files) == ["a.h5", "b.h5"]
    assert desk.progress[-1] == (3, 3)
    await desk.delete(check)
    assert desk.names() == ["c.h5"]
    assert desk.told == {"a.h5": "", "b.h5": ""}


async def test_a_failure_stops_nothing_and_is_told(desk):
    desk.scans("a.h5", "b.h5", "c.h5")
    check = await desk.check("a.h5", "b.h5", "c.h5")
    old(write_dxchange(desk.folder / "b.h5", flats=5))
    (desk.folder / "c.h5").unlink()
    await desk.delete(check)
    assert desk.told == {"a.h5": "", "b.h5": "file-changed", "c.h5": "file-gone"}
    assert desk.names() == ["b.h5"]


async def test_what_is_being_acquired_is_refused_also_where_the_file_looks_at_rest(desk):
    desk.scans("a.h5")
    check = await desk.check("a.h5", state=ScanState.ACQUIRING)
    assert codes(check) == {"a.h5": "file-growing"}


async def test_what_waits_or_runs_here_is_refused_by_whatever_path_it_was_queued(desk, tmp_path):
    desk.scans("a.h5", "b.h5", "c.h5")
    (tmp_path / "way").symlink_to(desk.folder)
    (tmp_path / "other").mkdir()
    desk.journal.add([job(desk.folder / "a.h5"), job(tmp_path / "way" / "b.h5", Kind.FULL, "j2")])
    desk.journal.add([job(tmp_path / "other" / "c.h5", uid="j3")])
    check = await desk.check("a.h5", "b.h5", "c.h5")
    assert codes(check) == {"a.h5": "busy-here", "b.h5": "busy-here"}
    assert "its Full waits or runs" in check.refused["b.h5"].sentence


async def test_what_was_queued_after_the_question_is_refused(desk):
    desk.scans("a.h5", "b.h5")
    check = await desk.check("a.h5", "b.h5")
    desk.journal.add([job(desk.folder / "a.h5")])
    await desk.delete(check)
    assert desk.told == {"a.h5": "busy-here", "b.h5": ""}
    assert desk.names() == ["a.h5"]


async def test_what_another_station_works_on_is_refused_and_says_who_and_what_to_do(desk):
    desk.scans("a.h5", "b.h5")
    write_mark(marks_folder(desk.folder), mark("a.h5"))
    # This station's own journal knows better than a mark that was left behind.
    write_mark(marks_folder(desk.folder), mark("b.h5", MINE, "m2"))
    check = await desk.check("a.h5", "b.h5")
    assert codes(check) == {"a.h5": "busy-there"}
    sentence = check.refused["a.h5"].sentence
    assert "its Full waits or runs at another station (beamline on tomo5, since " in sentence
    assert str(marks_folder(desk.folder) / "m1.json") in sentence


async def test_what_another_station_begins_after_the_question_is_refused(desk):
    desk.scans("a.h5")
    check = await desk.check("a.h5")
    write_mark(marks_folder(desk.folder), mark("a.h5"))
    await desk.delete(check)
    assert desk.told == {"a.h5": "busy-there"}
    assert desk.names() == ["a.h5"]


async def test_a_mark_that_is_none_is_passed_over(desk):
    desk.scans("a.h5")
    place = marks_folder(desk.folder)
    place.mkdir(parents=True)
    for name, text in (("x.json", "{"), ("y.json", "[]"), ("z.json", '{"scan": "a.h5"}'), ("w.txt", "")):
        (place / name).write_text(text)
    assert codes(await desk.check("a.h5")) == {}


async def test_where_marks_cannot_be_seen_nothing_is_deleted(desk):
    desk.scans("a.h5")
    place = marks_folder(desk.folder)
    place.parent.mkdir()
    place.symlink_to(place)
    with pytest.raises(TomoBatchError) as caught:
        await desk.check("a.h5")
    assert caught.value.code == "marks-unreadable"


async def test_what_a_file_that_stays_links_to_is_refused(desk):
    desk.scans("a.h5", "flat.h5", "other.h5")
    desk.link("a.h5", "flat.h5")
    check = await desk.check("flat.h5", "other.h5")
    assert codes(check) == {"flat.h5": "linked-to"}
    assert check.refused["flat.h5"].sentence == "flat.h5 is not deleted: a.h5 stays and links to it."
    assert list(check.files) == ["other.h5"]


async def test_what_is_deleted_with_all_that_link_to_it_goes_last(desk):
    desk.scans("a.h5", "b.h5", "flat.h5")
    desk.link("b.h5", "a.h5", "flat.h5")
    desk.link("a.h5", "flat.h5")
    check = await desk.check("a.h5", "b.h5", "flat.h5")
    assert codes(check) == {}
    assert list(check.files) == ["b.h5", "a.h5", "flat.h5"]
    await desk.delete(check)
    assert desk.names() == []


async def test_what_stays_for_any_reason_keeps_what_it_links_to(desk):
    desk.scans("a.h5", "b.h5", "flat.h5")
    desk.link("b.h5", "a.h5")
    desk.link("a.h5", "flat.h5")
    desk.journal.add([job(desk.folder / "b.h5")])
    check = await desk.check("a.h5", "b.h5", "flat.h5")
    assert codes(check) == {"b.h5": "busy-here", "a.h5": "linked-to", "flat.h5": "linked-to"}


async def test_what_stays_at_the_last_moment_keeps_what_it_links_to(desk):
    desk.scans("a.h5", "flat.h5")
    desk.link("a.h5", "flat.h5")
    check = await desk.check("a.h5", "flat.h5")
    os.utime(desk.folder / "a.h5", (1e9, 1e9))
    await desk.delete(check)
    assert desk.told == {"a.h5": "file-changed", "flat.h5": "linked-to"}
    assert desk.names() == ["a.h5", "flat.h5"]


async def test_a_plain_link_keeps_what_it_points_to(desk):
    desk.scans("a.h5")
    (desk.folder / "latest").symlink_to("a.h5")
    check = await desk.check("a.h5")
    assert codes(check) == {"a.h5": "linked-to"}
    # A link among the scans goes first, when both are to go.
    (desk.folder / "latest").rename(desk.folder / "latest.h5")
    check = await desk.check("a.h5", "latest.h5")
    assert list(check.files) == ["latest.h5", "a.h5"]
    await desk.delete(check)
    assert desk.names() == []


async def test_files_that_link_to_one_another_go_together(desk):
    desk.scans("a.h5", "b.h5")
    desk.link("a.h5", "b.h5")
    desk.link("b.h5", "a.h5")
    check = await desk.check("a.h5", "b.h5")
    await desk.delete(check)
    assert desk.names() == []


async def test_files_that_cannot_be_searched_are_said(desk):
    desk.scans("a.h5")
    with h5py.File(desk.folder / "busy.h5", "w", libver="latest") as file:
        file["x"] = 1
        file.flush()
        old(desk.folder / "busy.h5")
        (desk.folder / "junk.h5").write_bytes(b"no HDF5")
        check = await desk.check("a.h5")
    said = " ".join(check.unsearched)
    assert "busy.h5 is marked as being written" in said
    assert "junk.h5" not in said
    assert list(check.files) == ["a.h5"]


async def test_what_did_not_change_is_not_searched_again(desk):
    desk.scans("a.h5", "b.h5")
    await desk.check("a.h5")
    searched = []
    call = desk.worker.call

    async def watched(name, *rest, **more):
        searched.append((name, rest))
        return await call(name, *rest, **more)

    desk.worker.call = watched
    desk.link("b.h5", "a.h5")
    check = await desk.check("a.h5")
    assert codes(check) == {"a.h5": "linked-to"}
    assert [rest[1] for name, rest in searched if "links_of" in name] == ["b.h5"]


async def test_it_can_be_stopped_after_the_file_that_is_under_way(desk):
    desk.scans("a.h5", "b.h5")
    check = await desk.check("a.h5", "b.h5")
    stop = asyncio.Event()
    await desk.remover.delete(check, lambda *_: stop.set(), stop)
    assert desk.names() == ["b.h5"]


async def test_names_of_strangers_are_names(desk):
    odd = "-$(x) \udcff\n'.h5"
    old(write_dxchange(desk.folder / "plain.h5").rename(desk.folder / odd))
    check = await desk.check(odd)
    await desk.delete(check)
    assert desk.names() == []


def with_flats(path, uid="j9"):
    request = {"options": {"flat-file-name": str(path)}}
    return Job(uid, Kind.FULL, f"/elsewhere/{uid}.h5", "Local", "CPU", request, 0.0)


async def test_flats_of_a_job_of_another_scan_are_refused_by_whatever_path(desk, tmp_path):
    desk.scans("flat.h5", "b.h5", "odd.h5")
    (tmp_path / "link").symlink_to(desk.folder)
    (tmp_path / "flat.h5").symlink_to(desk.folder / "odd.h5")
    desk.journal.add([with_flats(tmp_path / "link" / "flat.h5"), with_flats(tmp_path / "flat.h5", "j8")])
    check = await desk.check("flat.h5", "b.h5", "odd.h5")
    assert codes(check) == {"flat.h5": "busy-here", "odd.h5": "busy-here"}
    assert list(check.files) == ["b.h5"]


async def test_flats_of_a_job_that_was_queued_after_the_question_are_refused(desk):
    desk.scans("flat.h5")
    check = await desk.check("flat.h5")
    desk.journal.add([with_flats(desk.folder / "flat.h5")])
    await desk.delete(check)
    assert desk.told == {"flat.h5": "busy-here"}


async def test_a_file_that_is_not_whole_yet_may_link_and_that_is_said(desk):
    desk.scans("flat.h5")
    desk.link("b.h5", "flat.h5")
    os.truncate(desk.folder / "b.h5", (desk.folder / "b.h5").stat().st_size - 1)
    old(desk.folder / "b.h5")
    check = await desk.check("flat.h5")
    (said,) = check.unsearched
    assert said.startswith("b.h5 is shorter than it should be")


async def test_a_scan_that_a_job_reads_by_a_link_of_another_folder_is_refused(desk, tmp_path):
    desk.scans("a.h5", "b.h5", "c.h5")
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    for name in ("a.h5", "b.h5"):
        (chosen / f"good_{name}").symlink_to(desk.folder / name)
    desk.journal.add([job(chosen / "good_a.h5")])
    check = await desk.check("a.h5", "b.h5", "c.h5")
    assert codes(check) == {"a.h5": "busy-here"}
    desk.journal.add([job(chosen / "good_b.h5", uid="j2")])
    await desk.delete(check)
    assert desk.told == {"b.h5": "busy-here", "c.h5": ""}
