"""Files and words: where results lie, what they are called, what is said meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.cpu_engine import output
from tomobatch.cpu_engine.progress import Bar
from tomobatch.recon.progress import ProgressParser

APP = Path(__file__).resolve().parents[3] / "app"


@pytest.mark.parametrize(
    ("kind", "save_format", "place"),
    [
        ("try", "tiff", "scans_rec/try_center/sample/recon_slice0002_center30.00.tiff"),
        ("try", "h5nolinks", "scans_rec/try_center/sample/recon_slice0002_center30.00.tiff"),
        ("full", "tiff", "scans_rec/sample_rec/recon_00005.tiff"),
        ("full", "h5nolinks", "scans_rec/sample_rec.h5"),
    ],
)
def test_default_places(make_scan, recon, tmp_path, kind, save_format, place):
    scan, _ = make_scan()
    status, _, _ = recon(
        f"--file-name={scan}",
        f"--reconstruction-type={kind}",
        f"--save-format={save_format}",
        "--rotation-axis=30",
    )
    assert status == 0
    assert (tmp_path / place).exists()


def test_a_scan_named_from_its_own_folder(make_scan, recon, tmp_path, monkeypatch):
    scan, _ = make_scan()
    monkeypatch.chdir(scan.parent)
    assert recon("--file-name=sample.h5", "--reconstruction-type=full")[0] == 0
    assert (tmp_path / "scans_rec" / "sample_rec" / "recon_00000.tiff").exists()


def test_a_tiff_full_holds_the_slices_and_the_command(make_scan, full):
    scan, _ = make_scan()
    folder = full(scan, "--rotation-axis=30")
    assert sorted(path.name for path in folder.iterdir()) == [
        "rec_line.txt",
        *(f"recon_{row:05d}.tiff" for row in range(6)),
    ]
    line = (folder / "rec_line.txt").read_text()
    assert line.startswith(f"tomobatch recon --reconstruction-type=full --file-name={scan} ")
    assert line.endswith(" --rotation-axis=30")
    assert tifffile.imread(folder / "recon_00004.tiff").dtype == np.float32


def test_a_volume_is_of_full_height_with_zeros_outside_the_crop(make_scan, full):
    scan, _ = make_scan()
    images = full(scan, out="images")
    prefix = full(scan, "--save-format=h5nolinks", "--start-row=2", "--end-row=5", out="volume")
    with h5py.File(f"{prefix}.h5") as file:
        dataset = file["exchange/data"]
        assert dataset.shape == (6, 64, 64)
        assert dataset.dtype == np.float32
        assert dataset.attrs["command"].startswith(b"tomobatch recon --reconstruction-type=full")
        for row, image in enumerate(dataset):
            expected = tifffile.imread(images / f"recon_{row:05d}.tiff")
            # Slices are made two at a time, which is felt in the last digits.
            tolerance = 1e-4 * np.ptp(expected) if 2 <= row < 5 else 0
            np.testing.assert_allclose(image, expected if tolerance else 0 * expected, atol=tolerance)


def test_a_volume_in_the_place_of_an_older_one(make_scan, full):
    scan, _ = make_scan()
    full(scan, "--save-format=h5nolinks", out="volume")
    prefix = full(scan, "--save-format=h5nolinks", "--end-row=1", out="volume")
    with h5py.File(f"{prefix}.h5") as file:
        assert [bool(image.any()) for image in file["exchange/data"]] == [True, *[False] * 5]


def test_a_slice_has_its_name_only_when_it_is_whole(tmp_path, monkeypatch):
    seen = []
    replace = output.Path.replace

    def look_then_replace(partial, target):
        seen.append(sorted(path.name for path in tmp_path.iterdir()))
        assert tifffile.imread(partial).shape == (8, 8)
        return replace(partial, target)

    monkeypatch.setattr(output.Path, "replace", look_then_replace)
    output.write_tiff(tmp_path / "recon_00000.tiff", np.zeros((8, 8), np.float32))
    assert seen == [[".recon_00000.tiff.part"]]
    assert [path.name for path in tmp_path.iterdir()] == ["recon_00000.tiff"]


def test_candidates_whose_names_are_the_same_are_written_once(make_scan, recon, tmp_path):
    scan, _ = make_scan()
    status, _, _ = recon(
        f"--file-name={scan}",
        f"--out-path-name={tmp_path / 'out'}",
        "--rotation-axis=30",
        "--center-search-width=0.01",
        "--center-search-step=0.004",
    )
    assert status == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"recon_slice0002_center{cor}.tiff" for cor in ("29.99", "30.00", "30.01")]


def test_progress_is_read_as_tomocupys(start_engine, make_scan, tmp_path):
    scan, _ = make_scan()
    engine = start_engine(
        f"--file-name={scan}",
        f"--out-path-name={tmp_path / 'out'}",
        "--nsino=[0,0.9]",
        env={"PATH": "/usr/bin", "LC_ALL": "C"},
    )
    out, err = engine.communicate(timeout=60)
    assert engine.returncode == 0
    first = "\rqueue size 000 |  |" + "-" * 40 + "| 0.0% \r"
    last = "\rqueue size 000 |  |" + "█" * 40 + "| 100.0% \r\n"
    assert out.decode().startswith(first)
    assert out.decode().endswith(last)
    assert out.decode().count(last) == 2
    parser = ProgressParser(bars=2)
    parser.feed(out[: out.index(b"\n") + 1])
    assert parser.progress.fraction == pytest.approx(0.5)
    parser.feed(out[out.index(b"\n") + 1 :])
    assert parser.progress.fraction == 1.0
    stamp = rb"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - "
    assert re.search(stamp + rb"\x1b\[92mProcessing slice 4\x1b\[0m$", err, re.MULTILINE)
    assert re.search(stamp + rb"\x1b\[33mReconstruction time \d\.\de[-+]\d\ds\x1b\[0m$", err, re.MULTILINE)


def test_recorded_output_has_the_same_form(recorded_data, capsys):
    recorded = (recorded_data / "tomocupy" / "phantom_full_crop.stdout.txt").read_bytes()
    bar = Bar(2)
    bar.step(1)
    bar.finish()
    assert capsys.readouterr().out == recorded.decode()


def test_progress_never_reaches_the_end_before_the_work(capsys):
    bar = Bar(3)
    for _ in range(3):
        bar.step(1)
    assert "100.0%" not in capsys.readouterr().out
    bar.finish()
    assert capsys.readouterr().out.endswith("100.0% \r\n")


def test_progress_comes_at_once(start_engine, make_scan, tmp_path):
    """Read from a pipe while the engine still runs; all it says here would fit a buffer."""
    scan, _ = make_scan(rows=12, columns=512, cor_px=250.0, radius_px=200.0, angles=400)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    job = ("--reconstruction-type=full", f"--file-name={scan}", f"--out-path-name={tmp_path / 'out'}")
    engine = start_engine(*job, env=buffered)
    assert engine.stdout.read(21) == b"\rqueue size 000 |  |-"
    assert not (tmp_path / "out" / "recon_00011.tiff").exists()


def test_nobody_listening_ends_no_job(start_engine, make_scan, tmp_path):
    scan, _ = make_scan()
    engine = start_engine(
        "--reconstruction-type=full", f"--file-name={scan}", f"--out-path-name={tmp_path / 'out'}"
    )
    engine.stdout.close()
    engine.stderr.close()
    engine.wait(60)
    assert len(list((tmp_path / "out").glob("*.tiff"))) == 6


def test_start_imports_what_a_job_needs_and_no_more(make_scan, tmp_path):
    scan, _ = make_scan()
    code = (
        "import sys; from tomobatch.cpu_engine.main import main; status = main(sys.argv[1:]);"
        "print(status, *(name for name in ('scipy', 'skimage', 'tifffile') if name in sys.modules))"
    )

    def imported(*arguments):
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=APP)
        return done.stdout.split("\n")[-2]

    assert imported("-h") == "0"
    run = (f"--file-name={scan}", "--reconstruction-type=full")
    assert imported(*run, f"--out-path-name={tmp_path / 'out'}") == "0 tifffile"
    volume = (f"--out-path-name={tmp_path / 'volume'}", "--save-format=h5nolinks")
    assert imported(*run, *volume) == "0"
