"""What cannot be done ends with status 1 and one sentence, and leaves nothing that looks whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
import time

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.cpu_engine import output, run
from tomobatch.cpu_engine.sinograms import SinogramSource
from tomobatch.errors import TomoBatchError
from tomobatch.formats.reader import open_scan
from tomobatch.recon.geometry import geometry_of


def sentence_of(err):
    """The last line, which must not be part of a traceback."""
    assert "Traceback" not in err
    return err.strip().splitlines()[-1]


@pytest.fixture
def fails(recon, tmp_path):
    """Run a Full that must fail; its sentence."""

    def fail(scan, *arguments):
        status, _, err = recon(
            "--reconstruction-type=full",
            f"--file-name={scan}",
            f"--out-path-name={tmp_path / 'out'}",
            *arguments,
        )
        assert status == 1
        assert not list((tmp_path / "out").glob("*.tiff"))
        return sentence_of(err)

    return fail


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rotation-axis=64.5"], "outside the detector"),
        (["--rotation-axis=-3"], "outside the detector"),
        (["--start-row=4", "--end-row=2"], "--start-row=4 --end-row=2"),
        (["--end-row=7"], "6 detector rows"),
        (["--start-column=60", "--end-column=67"], "64 detector columns"),
        (["--end-proj=61"], "60 projections"),
        (["--start-proj=59"], "at least two"),
        (["--start-column=60"], "columns are left"),
        (["--binning=3"], "leaves nothing"),
    ],
)
def test_what_does_not_fit_the_scan(make_scan, fails, arguments, said):
    scan, _ = make_scan()
    assert said in fails(scan, *arguments)


@pytest.mark.parametrize("left_out", ["data_white", "data_dark", "data"])
def test_what_the_scan_lacks(make_scan, fails, left_out):
    scan, _ = make_scan(leave_out=(left_out,))
    word = {"data_white": "flats", "data_dark": "darks", "data": "/exchange/data"}[left_out]
    assert word in fails(scan)


@pytest.mark.parametrize("where", ["data", "data_white", "data_dark"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_pixels_that_are_no_numbers(make_scan, fails, where, bad):
    scan, _ = make_scan(dtype="float32")
    with h5py.File(scan, "r+") as file:
        file[f"exchange/{where}"][-1, 3, 7] = bad
    assert "not numbers" in fails(scan)


def test_a_bad_pixel_outside_the_crop_does_no_harm(make_scan, full):
    scan, _ = make_scan(dtype="float32")
    with h5py.File(scan, "r+") as file:
        file["exchange/data"][7, 5, 7] = np.nan
    assert len(list(full(scan, "--end-row=5").glob("*.tiff"))) == 5


def test_flats_without_light(make_scan, fails):
    scan, _ = make_scan(extra={"data_white": np.full((4, 6, 64), 100.0)})
    # A flat is raised by 1e-5, so that equal to the darks still counts as light there; below does not.
    with h5py.File(scan, "r+") as file:
        file["exchange/data_white"][...] = 90
    assert "nowhere brighter" in fails(scan)


def test_a_scan_broken_off(make_scan, fails, full):
    """More angles than projections; to take those there are must be said."""
    scan, _ = make_scan(extra={"theta": np.arange(90) * 2.0})
    assert "60 of 90 projections" in fails(scan)
    assert len(list(full(scan, "--end-proj=60", out="some").glob("*.tiff"))) == 6


def test_a_truncated_scan(make_scan, fails):
    scan, _ = make_scan(chunks=(10, 3, 64))
    os.truncate(scan, scan.stat().st_size // 2)
    assert "sample.h5" in fails(scan)


def test_a_damaged_chunk(make_scan, fails):
    scan, _ = make_scan(chunks=(10, 3, 64))
    with h5py.File(scan) as file:
        place = file["exchange/data"].id.get_chunk_info(5)
    with scan.open("r+b") as raw:
        raw.seek(place.byte_offset)
        raw.write(b"\xff" * place.size)
    assert "damaged or incomplete" in fails(scan)


def test_no_such_scan(fails, tmp_path):
    assert "does not exist" in fails(tmp_path / "none.h5")


def test_a_folder_that_cannot_be_made(make_scan, recon, tmp_path):
    scan, _ = make_scan()
    (tmp_path / "file").write_text("in the way")
    for kind, more in (
        ("full", "--save-format=tiff"),
        ("full", "--save-format=h5nolinks"),
        ("try", "--nsino=0"),
    ):
        status, _, err = recon(
            f"--reconstruction-type={kind}",
            f"--file-name={scan}",
            f"--out-path-name={tmp_path / 'file' / 'out'}",
            more,
        )
        assert status == 1
        assert "cannot be written" in sentence_of(err)


@pytest.mark.parametrize("save_format", ["tiff", "h5nolinks"])
@pytest.mark.parametrize("kind", ["full", "try"])
def test_a_disk_that_fills_up(make_scan, recon, small_disk, kind, save_format):
    """Half a megabyte holds some of the slices, not all."""
    scan, _ = make_scan(columns=128, rows=24, cor_px=60.0, radius_px=50.0)
    status, _, err = recon(
        f"--reconstruction-type={kind}",
        f"--file-name={scan}",
        f"--out-path-name={small_disk / 'out'}",
        f"--save-format={save_format}",
    )
    assert status == 1
    assert os.strerror(errno.ENOSPC) in sentence_of(err)
    for path in small_disk.rglob("*.tiff"):
        assert tifffile.imread(path).shape == (128, 128)
    assert not list(small_disk.rglob("*.part"))


def test_an_error_in_a_writing_thread_reaches_the_exit_status(make_scan, fails, monkeypatch):
    scan, _ = make_scan()

    def refuse(path, image):
        raise output.cannot_write(path, OSError(errno.EIO, os.strerror(errno.EIO)))

    monkeypatch.setattr(output, "write_tiff", refuse)
    assert os.strerror(errno.EIO) in fails(scan)


def test_too_little_memory_is_a_sentence(make_scan, recon, tmp_path, monkeypatch):
    def refuse(*_):
        raise MemoryError

    monkeypatch.setattr("tomobatch.cpu_engine.run.Backprojector", refuse)
    scan, _ = make_scan()
    status, _, err = recon(f"--file-name={scan}", f"--out-path-name={tmp_path}")
    assert status == 1
    assert "memory" in sentence_of(err)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_leaves_whole_slices(make_scan, start_engine, tmp_path, number):
    scan, _ = make_scan(columns=256, rows=400, angles=200, cor_px=120.0, radius_px=100.0)
    out = tmp_path / "out"
    engine = start_engine("--reconstruction-type=full", f"--file-name={scan}", f"--out-path-name={out}")
    while not list(out.glob("*.tiff")):
        assert engine.poll() is None, engine.communicate()
        time.sleep(0.005)
    engine.send_signal(number)
    _, err = engine.communicate(timeout=5)
    made = list(out.glob("*.tiff"))
    assert 0 < len(made) < 400
    assert {tifffile.imread(path).shape for path in made} == {(256, 256)}
    if number == signal.SIGTERM:
        assert engine.returncode == -signal.SIGTERM
    else:
        assert engine.returncode == 130
        assert "Interrupted" in sentence_of(err.decode())


def test_odd_file_names(make_scan, start_engine, tmp_path):
    """Names a shell would trip over, and one that is no UTF-8."""
    scan, _ = make_scan()
    for name in ("a b $(touch x)\n.h5", "-rf.h5", os.fsdecode(b"caf\xe9.h5")):
        place = tmp_path / "odd" / name
        place.parent.mkdir(exist_ok=True)
        shutil.copy(scan, place)
        engine = start_engine(f"--file-name={place}", "--reconstruction-type=full")
        _, err = engine.communicate(timeout=60)
        assert engine.returncode == 0, err
        assert len(list((tmp_path / "odd_rec" / f"{name[:-3]}_rec").glob("*.tiff"))) == 6


def test_after_an_error_nothing_more_is_begun(make_scan):
    scan, _ = make_scan()
    with open_scan(scan) as reader:
        source = SinogramSource(reader, geometry_of((60, 6, 64), {}), minus_log=True)
        waiting = []

        def fail_while_busy():
            with run._threads(1, source) as workers:
                running = threading.Event()
                workers.submit(lambda: (running.set(), source.stopped.wait(30)))
                waiting.append(workers.submit(lambda: None))
                running.wait(30)
                raise TomoBatchError("cannot-write", "The disk is full.")

        with pytest.raises(TomoBatchError):
            fail_while_busy()
        assert waiting[0].cancelled()
        read = []
        source.read([0], np.empty((1, 60, 64), np.float32), read.append)
        assert not read
