import os
import random
import time
from dataclasses import replace

import h5py
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.scan import ScanState
from tomobatch.worker.client import Worker
from unit.formats.files import ANGLES, pixels, write_dxchange, write_nxtomo
from unit.worker.aid import PROGRAM, share_import_path

HOUR_S = 3600


@pytest.fixture
async def worker(monkeypatch):
    share_import_path(monkeypatch)
    worker = Worker(PROGRAM)
    yield worker
    await worker.close()


@pytest.fixture
def catalogue(worker, tmp_path):
    return Catalogue(tmp_path, worker, look_again_s=0.05)


async def survey(catalogue, earlier=None):
    return {scan.file.path: scan async for scan in catalogue.scans(earlier)}


def make_old(path):
    os.utime(path, (time.time() - HOUR_S,) * 2)
    return path


async def test_a_folder_of_everything(catalogue, tmp_path):
    write_dxchange(tmp_path / "s10.h5")
    write_nxtomo(tmp_path / "s2.nxs", [1, 0, 0, 2])
    write_dxchange(tmp_path / "s3.h5", data=pixels(5))
    make_old(write_dxchange(tmp_path / "s4.h5", data=pixels(5)))
    (tmp_path / "s5.h5").write_bytes(b"")
    (tmp_path / "s6.h5").write_bytes(b"not a scan")
    make_old(tmp_path / "s6.h5")
    os.mkfifo(tmp_path / "s7.h5")
    odd = write_dxchange(tmp_path / "odd.h5").rename(tmp_path / "-$(x) \udcff\n.h5")
    found = await survey(catalogue)
    assert {path.name: scan.state.value for path, scan in found.items()} == {
        odd.name: "Ready",
        "s2.nxs": "Ready",
        "s3.h5": "Acquiring",
        "s4.h5": "Ready",
        "s5.h5": "Acquiring",
        "s6.h5": "Unreadable",
        "s7.h5": "Unreadable",
        "s10.h5": "Ready",
    }
    assert [path.name for path in found][-2:] == ["s4.h5", "s6.h5"], "those looked at twice come last"
    assert "aborted" in found[tmp_path / "s4.h5"].reason
    assert "pipe" in found[tmp_path / "s7.h5"].reason
    assert found[odd].file.shown_name.isprintable()


class Growing(Catalogue):
    """A folder whose file grows after each look, its time set back."""

    async def files(self):
        found = await super().files()
        for file in found:
            with file.path.open("ab") as raw:
                raw.write(b"more")
            os.utime(file.path, ns=(file.mtime_ns, file.mtime_ns))
        return found


async def test_a_file_that_grows_under_a_wrong_clock_is_acquiring(catalogue, tmp_path):
    make_old(write_dxchange(tmp_path / "a.h5", data=pixels(5)))
    growing = Growing(catalogue.folder, catalogue.worker, look_again_s=0)
    assert [scan.state async for scan in growing.scans()] == [ScanState.ACQUIRING]


async def test_a_whole_file_that_did_not_change_is_not_opened_again(catalogue, tmp_path):
    path = make_old(write_dxchange(tmp_path / "a.h5"))
    before = await survey(catalogue)
    facts = path.stat()
    path.write_bytes(b"x" * facts.st_size)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    again = await survey(catalogue, before)
    assert again[path].layout == before[path].layout
    assert (await survey(catalogue))[path].state is ScanState.UNREADABLE


async def test_a_scan_is_acquiring_then_ready_as_it_grows(catalogue, tmp_path):
    path = tmp_path / "a.h5"
    write_dxchange(path, data=pixels(5))
    first = await survey(catalogue)
    assert first[path].reason == f"Being written: 5 of {ANGLES} angles so far."
    write_dxchange(path)
    second = await survey(catalogue, first)
    assert second[path].state is ScanState.ACQUIRING, "it changed a moment ago"
    assert (await survey(catalogue, second))[path].state is ScanState.READY


async def test_a_file_that_hangs_costs_its_time_and_nothing_else(worker, tmp_path):
    write_dxchange(tmp_path / "a.h5")
    write_dxchange(tmp_path / "c.h5")
    os.mkfifo(tmp_path / "pipe")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["exchange/data"] = h5py.ExternalLink("pipe", "/exchange/data")
    catalogue = Catalogue(tmp_path, worker, file_timeout_s=2, look_again_s=0)
    found = await survey(catalogue)
    assert [scan.state.value for scan in found.values()] == ["Ready", "Unreadable", "Ready"]
    assert "b.h5" in found[tmp_path / "b.h5"].reason


async def test_a_file_that_vanishes_after_it_was_listed(catalogue, tmp_path):
    path = write_dxchange(tmp_path / "a.h5")
    (file,) = await catalogue.files()
    path.unlink()
    assert (await catalogue.inspect(file)).code == "missing"
    assert await survey(catalogue) == {}


async def test_a_folder_that_is_not_there(worker, tmp_path):
    with pytest.raises(TomoBatchError) as caught:
        await survey(Catalogue(tmp_path / "gone", worker))
    assert caught.value.code == "folder-missing"


async def test_a_closed_worker_is_no_fault_of_the_files(catalogue, worker, tmp_path):
    write_dxchange(tmp_path / "a.h5")
    (file,) = await catalogue.files()
    await worker.close()
    with pytest.raises(TomoBatchError) as caught:
        await catalogue.inspect(file)
    assert caught.value.code == "worker-closed"


async def test_the_clock_is_the_one_given(worker, tmp_path):
    write_dxchange(tmp_path / "a.h5", data=pixels(5))
    later = Catalogue(tmp_path, worker, look_again_s=0, clock=lambda: time.time() + HOUR_S)
    assert [scan.state.value for scan in (await survey(later)).values()] == ["Ready"]
    assert [scan.state.value for scan in (await survey(replace(later, clock=time.time))).values()] == [
        "Acquiring"
    ]


async def test_no_damage_gets_past_the_worker(catalogue, tmp_path):
    chance = random.Random(4379)
    sound = write_dxchange(tmp_path / "sound.h5", chunks=(4, 3, 5), compression="gzip").read_bytes()
    places = [place for place, value in enumerate(sound) if value]
    for number in range(40):
        spoilt = bytearray(sound)
        for place in chance.sample(places, 8):
            spoilt[place] = chance.choice([0, 255, chance.randrange(256)])
        (tmp_path / f"s{number}.h5").write_bytes(spoilt)
    found = await survey(catalogue)
    assert len(found) == 41
    assert found[tmp_path / "sound.h5"].state is ScanState.READY
    assert not [scan for scan in found.values() if "with status" in scan.reason], "a traceback, not a crash"


async def test_a_part_of_the_files_is_looked_at_and_the_folder_not_listed_again(catalogue, tmp_path):
    for name in ("a.h5", "b.h5"):
        make_old(write_dxchange(tmp_path / name))
    listed = await catalogue.files()
    (tmp_path / "b.h5").rename(tmp_path / "c.h5")
    found = [scan async for scan in catalogue.scans(files=listed[:1])]
    assert [scan.file.name for scan in found] == ["a.h5"]
    assert [scan async for scan in catalogue.scans(files=[])] == []
