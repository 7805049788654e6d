"""The process that scores the candidates of a Try."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
import tifffile

from tomobatch.cor.sharpness import gradient
from tomobatch.volumes.candidates import Candidates
from tomobatch.volumes.scoring import LARGEST_PX, NICENESS, Scorer, coarse_first, score_files

PROGRAM = [sys.executable, "-W", "error", "-m", "tomobatch.main", "_scores"]
ENGINE = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"


def disc(size=64, softness=1.0, noise=0.05, seed=0):
    """A disc whose edge is so many pixels soft."""
    y, x = np.indices((size, size)) - size / 2
    edge = (1 - np.tanh((np.hypot(x, y) - size / 4) / softness / 2)) / 2
    return (edge + noise * np.random.default_rng(seed).normal(size=edge.shape)).astype(np.float32)


@pytest.fixture
def files(tmp_path):
    """Nine candidates, the fifth the sharpest."""
    made = []
    for number in range(9):
        made.append(tmp_path / f"recon_{number}.tiff")
        tifffile.imwrite(made[-1], disc(softness=1 + abs(number - 4), seed=number))
    return made


def started():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(PROGRAM, **pipes, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})


def ask(child, files):
    child.stdin.write(json.dumps({"files": [str(file) for file in files]}).encode("ascii") + b"\n")
    child.stdin.flush()
    assert json.loads(child.stdout.readline()) == {"ready": True}


def ended(child):
    """Its exit status, and what it complained of."""
    with child:
        status = child.wait(30)
        return status, child.stderr.read()


def test_each_candidate_is_scored_by_a_process_that_gives_way(files):
    child = started()
    ask(child, files)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == min(
        19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
    )
    found = [json.loads(line) for line in child.stdout]
    assert ended(child) == (0, b"")
    assert [one["index"] for one in found] == coarse_first(9)
    scores = {one["index"]: one["scores"] for one in found}
    assert max(scores, key=lambda index: scores[index][0]) == 4
    assert max(scores, key=lambda index: scores[index][1]) == 4


def test_it_ends_when_nobody_listens_any_more(files):
    """Since nobody reads what it says, it would wait for ever."""
    child = started()
    ask(child, files * 500)
    child.stdin.close()
    assert child.wait(30) == 0
    child.stdout.close()
    child.stderr.close()


def test_it_can_be_killed(files):
    child = started()
    ask(child, files * 500)
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    assert ended(child)[0] == -signal.SIGKILL


@pytest.mark.parametrize("count", [0, 1, 2, 7, 40])
def test_coarse_first_is_all_of_them_once(count):
    assert sorted(coarse_first(count)) == list(range(count))
    assert coarse_first(40)[:6] == [20, 0, 8, 16, 24, 32]


def test_broken_files_have_no_score_and_equal_ones_the_same_mark(files):
    files[2].write_bytes(b"no TIFF")
    files[3].unlink()
    files[7].write_bytes(files[8].read_bytes())
    found = {one["index"]: one for one in score_files(files)}
    assert [index for index in range(9) if found[index]["scores"] is None] == [2, 3]
    marks = [found[index]["pixels"] for index in (0, 1, 4, 5, 6, 8)]
    assert len(set(marks)) == 6
    assert found[7]["pixels"] == found[8]["pixels"]


def test_what_is_no_number_spoils_no_score(tmp_path):
    odd = disc()
    odd[0, :3] = np.nan, np.inf, -np.inf
    scorer = Scorer()
    plain = scorer.scores(disc())
    assert scorer.scores(odd) == pytest.approx(plain, rel=1e-3)
    assert Scorer().scores(np.full((8, 8), np.nan, np.float32)) is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 3000), (3000, 2)])
def test_slices_that_no_circle_fits_into_have_no_score(shape):
    assert Scorer().scores(np.random.default_rng(1).normal(size=shape).astype(np.float32)) is None


def test_values_beyond_all_sense_end_nothing():
    values = np.random.default_rng(1).normal(size=(60, 60)) * 1e30
    scores = Scorer().scores(values.astype(np.float32))
    assert not np.isfinite(scores).all()


def test_large_slices_are_made_small_first(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "tomobatch.volumes.scoring.gradient", lambda image: seen.append(image.shape) or gradient(image)
    )
    Scorer().scores(disc(2 * LARGEST_PX))
    Scorer().scores(disc(LARGEST_PX))
    assert seen == [(LARGEST_PX, LARGEST_PX)] * 2


def bests_px(folder, binning=0):
    files = sorted(folder.glob("*.tiff"), key=lambda path: float(path.stem.rpartition("center")[2]))
    shift_px = (2**binning - 1) / 2
    made = Candidates(tuple(float(re.search(r"center(.*)", path.stem)[1]) + shift_px for path in files))
    for found in score_files(files):
        made.take(found["index"], found["scores"], found["pixels"])
    assert made.done
    assert not made.at_edge
    return [made.cors_px[made.best(which)] for which in (0, 1)]


@pytest.mark.parametrize(("binning", "scale"), [(0, 1), (0, 1e-4), (1, 1)])
def test_both_scores_find_the_tooths_cor(recorded_data, tmp_path, binning, scale):
    out = tmp_path / "try"
    options = [f"--file-name={recorded_data / 'tooth.h5'}", "--rotation-axis=293", "--center-search-width=12"]
    options += ["--reconstruction-type=try", f"--binning={binning}", f"--out-path-name={out}"]
    subprocess.run([sys.executable, "-c", ENGINE, *options], check=True, capture_output=True)
    if scale != 1:
        for path in out.glob("*.tiff"):
            tifffile.imwrite(path, scale * tifffile.imread(path))
    assert bests_px(out, binning) == pytest.approx([296, 296], abs=1)
