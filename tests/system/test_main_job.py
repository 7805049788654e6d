"""The main job, with the embedded engine and for real: scans in, a COR to trust, slices out."""

import csv
import json
import os
import sys

import numpy as np
import pytest
import tifffile


@pytest.fixture
def demo(stand):
    folder = stand.folder / "demo scans"
    made = stand.cli("demo", folder, "--scans", 2, "--size", 96)
    assert made.returncode == 0, made.stderr
    return folder


def true_cors(folder):
    with (folder / "true_cor.csv").open() as file:
        return {row["Filename"]: float(row["COR"]) for row in csv.DictReader(file)}


def listed(stand, folder):
    answer = stand.cli("list", folder, "--json")
    assert answer.returncode == 0, answer.stderr
    return {row["file"]: row for row in json.loads(answer.stdout)}


def test_demo_scans_become_volumes_with_a_cor_that_was_found(stand, demo):
    tried = stand.cli("run", "try", demo, "--rotation-axis-auto=auto", "--center-search-width=3")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    rows = listed(stand, demo)
    for name, cor_px in true_cors(demo).items():
        assert rows[name]["cor_px"] == pytest.approx(cor_px, abs=0.25)
        assert rows[name]["cor_source"] == "automatic"
        assert rows[name]["status"] == "Try Complete"
    full = stand.cli("run", "full", demo)
    assert full.returncode == 0, full.stdout + full.stderr
    assert "Full Complete" in full.stdout
    assert {row["status"] for row in listed(stand, demo).values()} == {"Full Complete"}
    for name in true_cors(demo):
        slices = sorted((stand.folder / "demo scans_rec" / f"{name[:-3]}_rec").glob("recon_*.tiff"))
        assert len(slices) == rows[name]["shape"][1]
        middle = tifffile.imread(slices[len(slices) // 2])
        assert middle.dtype == np.float32
        assert middle.std() > 0


def test_nothing_of_the_screen_is_loaded_without_one(stand, demo):
    code = "import sys; from tomobatch.main import main; main(['list', sys.argv[1]]); print(*sys.modules)"
    done = stand.popen([sys.executable, "-c", code, str(demo)])
    out, err = done.communicate(timeout=60)
    assert done.returncode == 0, err
    loaded = {name.partition(".")[0] for name in out.splitlines()[-1].split()}
    assert "tomobatch" in loaded
    assert not loaded & {"PySide6", "shiboken6", "qasync", "pyqtgraph"}


def test_a_full_without_a_cor_is_refused_with_the_scans_named(stand, demo):
    stand.cli("cor", "set", demo, "demo_0001.h5", "48")
    done = stand.cli("run", "full", demo)
    assert done.returncode == 1
    assert "demo_0002.h5 has no COR" in done.stderr
    rows = listed(stand, demo)
    assert [rows[name]["status"] for name in ("demo_0001.h5", "demo_0002.h5")] == ["Full Complete", "Ready"]


def test_a_try_without_a_cor_starts_from_the_middle_and_says_so(stand, demo):
    done = stand.cli("run", "try", demo, "demo_0001.h5", "--center-search-width=2", "--center-search-step=1")
    assert done.returncode == 0, done.stderr
    assert "demo_0001.h5 has no COR: its Try starts from the middle" in done.stderr
    names = sorted(
        path.name for path in (stand.folder / "demo scans_rec/try_center/demo_0001").glob("*.tiff")
    )
    assert names == [f"recon_slice0011_center{cor:05.2f}.tiff" for cor in (47, 48, 49, 50)]


def test_a_typed_cor_is_not_overruled_by_a_search(stand, demo):
    stand.cli("cor", "set", demo, "demo_0001.h5", "40,5")
    options = ["--rotation-axis-auto=auto", "--center-search-width=1"]
    done = stand.cli("run", "try", demo, "demo_0001.h5", *options)
    assert done.returncode == 0, done.stderr
    assert "its COR 40.5 (typed) is used" in done.stderr
    assert listed(stand, demo)["demo_0001.h5"]["cor_px"] == 40.5


def test_cors_go_out_as_csv_and_come_back(stand, demo):
    stand.cli("cor", "set", demo, "demo_0001.h5", "48.25")
    assert stand.cli("cor", "save", demo).returncode == 0
    saved = demo / "batch_cor_values.csv"
    assert saved.read_text() == "Filename,COR\ndemo_0001.h5,48.25\n"
    saved.write_text("Filename;COR\r\ndemo_0001.h5;50,5\r\ndemo_0002.h5;nonsense\r\n")
    loaded = stand.cli("cor", "load", demo)
    assert "line 3" in loaded.stderr
    row = listed(stand, demo)["demo_0001.h5"]
    assert (row["cor_px"], row["cor_source"]) == (50.5, "CSV")


def test_a_csv_in_the_folder_is_loaded_by_itself_but_overrules_nothing_typed(stand, demo):
    stand.cli("cor", "set", demo, "demo_0001.h5", "48.25")
    (demo / "batch_cor_values.csv").write_text("Filename,COR\ndemo_0001.h5,1\ndemo_0002.h5,2\n")
    answer = stand.cli("list", demo)
    assert "demo_0001.h5: the COR 48.25 (typed) is kept; batch_cor_values.csv says 1." in answer.stderr
    rows = listed(stand, demo)
    assert [rows[name]["cor_px"] for name in ("demo_0001.h5", "demo_0002.h5")] == [48.25, 2.0]


def test_a_full_made_with_another_cor_is_marked(stand, demo):
    stand.cli("cor", "set", demo, "demo_0001.h5", "48")
    assert stand.cli("run", "full", demo, "demo_0001.h5", "--binning=1").returncode == 0
    stand.cli("cor", "set", demo, "demo_0001.h5", "49")
    assert "Full at 48" in stand.cli("list", demo).stdout


def test_a_volume_as_hdf5(stand, demo):
    stand.cli("cor", "set", demo, "demo_0001.h5", "48")
    done = stand.cli(
        "run", "full", demo, "demo_0001.h5", "--save-format=h5nolinks", "--start-row=4", "--end-row=8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (stand.folder / "demo scans_rec" / "demo_0001_rec.h5").is_file()
    (result,) = listed(stand, demo)["demo_0001.h5"]["results"]
    assert (result["state"], result["cor_px"]) == ("complete", 48.0)


REFUSED = {
    "--binnin=1": "There is no option --binnin. Did you mean --binning?",
    "--clear-folder=True": "--clear-folder cannot be given",
    "--save-format=zarr": "zarr",
    "--remove-stripe-method=fw": "The CPU engine has no --remove-stripe-method",
    "--rotation-axis=3": "set the scan's COR",
}


@pytest.mark.parametrize("option", REFUSED)
def test_options_that_would_vanish_are_refused_by_name(stand, demo, option):
    done = stand.cli("run", "try", demo, "--engine=cpu", option)
    assert done.returncode == 1
    assert REFUSED[option] in done.stderr
    assert "Traceback" not in done.stderr
    assert stand.jobs() == {}


SENTENCES = {
    ("list", "/no/such/folder"): "There is no folder /no/such/folder.",
    ("run", "try", "/no/such/folder"): "There is no folder /no/such/folder.",
    ("stop", "nonsense"): "There is no job whose name begins with nonsense.",
    ("run", "try", ".", "--machine", "tomo9"): "There is no machine tomo9; there is: Local, tomo1,",
    ("run", "try", ".", "--engine", "tomocupy"): "tomocupy was not found on Local",
    ("run", "try", ".", "--engine-command", "/no/engine"): "/no/engine was not found on Local",
    ("cor", "load", "."): "cannot be read",
}


@pytest.mark.parametrize("arguments", SENTENCES)
def test_errors_are_sentences(stand, arguments):
    done = stand.cli(*arguments)
    assert done.returncode == 1
    assert SENTENCES[arguments] in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_folder_and_no_jobs_are_said(stand):
    assert "No scans" in stand.cli("list", stand.data).stdout
    assert "There are no scans" in stand.cli("run", "try", stand.data).stderr
    for command in ("jobs", "resume", "stop"):
        assert stand.cli(command).stdout.startswith("No jobs")


def test_hostile_names_are_shown_plain_and_run(stand):
    names = ["-rf.h5", "a b$(touch x).h5", "[red]x.h5", "new\nline.h5", "ä 測定.h5"]
    stand.scans(*names)
    done = stand.run_full()
    assert done.returncode == 0, done.stderr
    assert set(stand.states()) == set(names)
    shown = stand.cli("list", stand.data).stdout
    assert "[red]x.h5" in shown
    assert "new\\nline.h5" in shown


def test_a_name_that_is_not_utf8_is_listed_and_refused(stand):
    strange = stand.scans("good.h5", "bad.h5")[1]
    strange = strange.rename(strange.with_name("b\udcff.h5"))
    stand.cli("cor", "set", stand.data, strange.name, "7")
    done = stand.run_full(gpus=1)
    assert done.returncode == 1
    assert "its name is not UTF-8" in done.stderr
    assert stand.states() == {"good.h5": "complete"}
    assert "b\\udcff.h5" in stand.cli("list", stand.data).stdout


def test_what_is_not_ready_is_left_out_of_a_whole_folder_but_refused_by_name(stand):
    stand.scans("good.h5")
    (stand.data / "bad.h5").write_bytes(b"not a scan")
    os.utime(stand.data / "bad.h5", (1, 1))
    done = stand.run_full()
    assert done.returncode == 0
    assert "bad.h5 is left out (Unreadable)" in done.stderr
    named = stand.run_full("bad.h5")
    assert named.returncode == 1
    assert "bad.h5 is Unreadable" in named.stderr
