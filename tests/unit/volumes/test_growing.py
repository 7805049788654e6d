"""Results while they are made: complete files alone, by row; and once they are in their place."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import parse_options
from tomobatch.recon.request import ScanFile, make_request
from tomobatch.volumes.opening import open_wanted
from tomobatch.volumes.wanted import Making, Mode, Wanted

ROWS = 16
SIDE = 64


@pytest.fixture
def run(demo):
    """A run under way: ``run(Kind.FULL, "--binning=1")``; its request, its folder, and what is wanted."""

    def begin(kind, *pairs, cor_px=31.0):
        path = demo[0]
        request = make_request(
            job_id="job7",
            scan=ScanFile.of(path),
            layout="dxchange",
            kind=kind,
            cor_px=cor_px,
            cor_source="typed",
            shape=(180, ROWS, SIDE),
            options=parse_options(pairs),
            engine=Engine(EngineKind.CPU, ("tomobatch",), "1.0"),
            offer=EMBEDDED_OFFER,
        )
        making = Making("job7", kind, request.to_dict())
        wanted = Wanted(path, Mode(kind.value), version=making.version, making=making)
        return request, Path(request.partial), wanted

    return begin


def write(folder, *names, value=None):
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        tifffile.imwrite(folder / name, np.full((SIDE, SIDE), number if value is None else value, np.float32))


def rows(*numbers):
    return [f"recon_{row:05d}.tiff" for row in numbers]


def labels(source):
    return [source.label(index) for index in range(source.count)]


@pytest.mark.parametrize("kind", list(Kind))
def test_before_the_first_one_it_says_so(run, kind):
    _, folder, wanted = run(kind)
    word = "slice" if kind is Kind.FULL else "candidate"
    for _ in range(2):
        with pytest.raises(TomoBatchError, match=f"No {word} is there yet: this {kind.word} has") as told:
            open_wanted(wanted)
        assert told.value.code == "no-result-yet"
        folder.mkdir(parents=True, exist_ok=True)


def test_it_grows_in_place_and_says_how_far_it_is(run, buffers):
    _, folder, wanted = run(Kind.FULL)
    write(folder, *rows(0, 1, 2))
    source = open_wanted(wanted)
    assert source.growing
    assert source.notes == (f"This Full is still being made: 3 of {ROWS} slices so far.",)
    assert not source.grow()
    write(folder, *rows(3, 4), value=9)
    assert source.grow()
    assert (source.count, source.moved) == (5, False)
    assert labels(source) == [f"slice {row}" for row in range(5)]
    assert source.read(4, buffers)[0, 0] == 9
    write(folder, *rows(*range(5, ROWS)))
    assert source.grow()
    assert source.notes == (f"All {ROWS} slices of this Full are made, and are being checked.",)


def test_files_that_are_still_being_written_wait(run, buffers):
    _, folder, wanted = run(Kind.FULL)
    write(folder, *rows(0, 1))
    whole = (folder / "recon_00001.tiff").read_bytes()
    (folder / "recon_00002.tiff").write_bytes(whole[:-1])
    (folder / "recon_00003.tiff").write_bytes(b"")
    (folder / ".recon_00004.tiff.part").write_bytes(whole)
    source = open_wanted(wanted)
    assert labels(source) == ["slice 0", "slice 1"]
    (folder / "recon_00002.tiff").write_bytes(whole)
    assert source.grow()
    assert labels(source) == ["slice 0", "slice 1", "slice 2"]


def test_one_cut_off_behind_all_looks_is_read_once_it_is_whole(run, buffers):
    _, folder, wanted = run(Kind.FULL)
    write(folder, *rows(0))
    path = folder / "recon_00000.tiff"
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    source = open_wanted(wanted)
    with pytest.raises(TomoBatchError, match="cannot be read"):
        source.read(0, buffers)
    path.write_bytes(whole)
    assert source.read(0, buffers).shape == (SIDE, SIDE)


def test_what_is_no_part_of_the_run_is_not_shown(run):
    _, folder, wanted = run(Kind.FULL, "--start-row=4", "--end-row=8")
    write(folder, *rows(3, 4, 5, 8), "other.tiff")
    assert labels(open_wanted(wanted)) == ["slice 4", "slice 5"]


def test_earlier_ones_that_appear_later_ask_for_a_new_look(run):
    """Numbers of those that are shown must not change under a reader."""
    _, folder, wanted = run(Kind.FULL)
    write(folder, *rows(8, 9))
    source = open_wanted(wanted)
    write(folder, *rows(0, 10))
    assert source.grow()
    assert source.moved
    assert labels(source) == ["slice 8", "slice 9"]
    assert labels(open_wanted(wanted)) == ["slice 0", "slice 8", "slice 9", "slice 10"]


def test_a_try_grows_by_cor_each_row_by_itself(run, buffers):
    search = ("--center-search-width=2", "--center-search-step=0.5", "--nsino=[0.25,0.75]")
    request, folder, wanted = run(Kind.TRY, *search)
    files = sorted(request.expected().files)
    first, second = files[:8], files[8:]
    write(folder, second[3])
    source = open_wanted(wanted)
    assert source.rows == (int(second[0][11:15]),)
    write(folder, first[1])
    assert source.grow()
    assert (len(source.rows), source.row, source.moved) == (2, source.rows[1], False)
    write(folder, *second[4:])
    assert source.grow()
    assert source.row == source.rows[-1]
    assert source.cor_px(0) == float(second[3].partition("center")[2].removesuffix(".tiff"))
    assert source.notes == ("This Try is still being made: 5 of 8 candidates so far.",)
    write(folder, second[0])
    assert source.grow()
    assert source.moved


def test_a_binned_try_offers_the_true_cor_while_it_grows(run):
    request, folder, wanted = run(Kind.TRY, "--binning=1", "--center-search-width=2")
    name = request.expected().files[0]
    folder.mkdir(parents=True)
    tifffile.imwrite(folder / name, np.zeros((SIDE // 2, SIDE // 2), np.float32))
    named_px = float(name.partition("center")[2].removesuffix(".tiff"))
    assert open_wanted(wanted).cor_px(0) == named_px + 0.5


def test_a_try_around_a_cor_that_is_still_looked_for(run):
    _, folder, wanted = run(Kind.TRY, "--rotation-axis-auto=auto", cor_px=None)
    write(folder, "recon_slice0008_center37.25.tiff")
    assert labels(open_wanted(wanted)) == ["COR 37.25"]


def test_once_it_is_in_its_place_it_is_found_there(run, demo, reconstruct):
    path, cor_px = demo
    _, folder, wanted = run(Kind.FULL)
    write(folder, *rows(0, 1))
    source = open_wanted(wanted)
    for picture in folder.iterdir():
        picture.unlink()
    folder.rmdir()
    assert source.grow()
    assert source.moved
    with pytest.raises(TomoBatchError) as told:
        open_wanted(wanted)
    assert told.value.code == "no-result-yet"
    # By its receipt alone: a result of another job may lie there.
    final = reconstruct(path, Kind.FULL, cor_px, "--end-row=3")
    with pytest.raises(TomoBatchError):
        open_wanted(wanted)
    receipt = final / "tomobatch.json"
    receipt.write_text(receipt.read_text().replace('"job1"', '"job7"'))
    assert open_wanted(wanted).count == 3
    assert not open_wanted(wanted).growing


def test_a_volume_that_is_being_made_is_looked_at_as_it_is(run, buffers):
    _, folder, wanted = run(Kind.FULL, "--save-format=h5nolinks")
    folder.mkdir(parents=True)
    with pytest.raises(TomoBatchError) as told:
        open_wanted(wanted)
    assert told.value.code == "no-result-yet"
    (folder / "recon.h5").write_bytes(b"half of it")
    source = open_wanted(wanted)
    assert source.growing
    assert source.empty(0)
    with h5py.File(folder / "recon.h5", "w") as file:
        data = file.create_dataset("exchange/data", (ROWS, SIDE, SIDE), "float32")
        data[0] = 7
        file.flush()
        assert source.grow()
        assert source.growing
        assert source.read(0, buffers)[0, 0] == 7
        data[1] = 8
        file.flush()
        assert source.read(1, buffers)[0, 0] == 8
    assert "still being made" in source.notes[0]
    source.close()
