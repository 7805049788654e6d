"""Half of the chunk: what an engine takes, and a Try in parts that is the same search."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.chunk import (
    candidates_of,
    chunk_of,
    fit_key,
    parts_of,
    retry_words,
    search_parts,
    smaller_chunk,
)
from tomobatch.recon.command import build_command
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import parse_options
from tomobatch.recon.progress import bar_count
from tomobatch.recon.request import ReconRequest, ScanFile

TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",))
CPU = Engine(EngineKind.CPU, ("tomobatch",))


def request_of(
    kind, *pairs, engine=TOMOCUPY, cor_px=100.25, shape=(90, 32, 256), path="/d/a.h5", partial="/p"
):
    scan = ScanFile(path, 1, 1, 1)
    options = parse_options(pairs)
    return ReconRequest("j", scan, kind, cor_px, "typed", shape, options, engine, "/d_rec/a", partial)


def full(*pairs, **more):
    return request_of(Kind.FULL, *pairs, **more)


def try_(*pairs, **more):
    return request_of(Kind.TRY, *pairs, **more)


@pytest.mark.parametrize(
    ("request_", "remembered", "half"),
    [
        (full(), 0, 4),
        (full(), 4, 2),
        (full(), 2, 0),
        (full("--nsino-per-chunk=12"), 0, 6),
        # fourierrec takes pairs
        (full("--nsino-per-chunk=6"), 0, 2),
        (full("--reconstruction-algorithm=linerec", "--nsino-per-chunk=6"), 0, 3),
        (full("--reconstruction-algorithm=linerec", "--nsino-per-chunk=3"), 0, 0),
        (full("--reconstruction-algorithm=lprec", "--nsino-per-chunk=2"), 0, 1),
        (full("--reconstruction-algorithm=lprec", "--nsino-per-chunk=1"), 0, 0),
        (full(engine=CPU), 0, 0),
        (try_(), 0, 100),
        (try_(), 100, 50),
        (try_(), 50, 24),
        (try_("--center-search-width=1", "--center-search-step=1"), 0, 0),
        # the axis at the edge: parts would not be the same search
        (try_("--file-type=double_fov"), 0, 0),
        (try_(engine=CPU), 0, 0),
    ],
)
def test_half_of_what_a_run_had(request_, remembered, half):
    assert smaller_chunk(request_, remembered) == half


def test_what_a_person_said_stands_before_what_is_remembered():
    assert chunk_of(full("--nsino-per-chunk=16"), 2) == 16
    assert (chunk_of(full(), 2), chunk_of(full(), 64), chunk_of(full())) == (2, 8, 8)
    command = build_command(full("--nsino-per-chunk=16"), "/j", 2)
    assert [text for text in command if text.startswith("--nsino-per")] == ["--nsino-per-chunk=16"]


def test_the_button_says_what_it_does():
    assert retry_words(full(), 4) == "Retry with chunk 4"
    assert retry_words(try_(), 100) == "Retry in 2 parts"
    assert retry_words(try_(), 24) == "Retry in 9 parts"


def test_a_number_is_remembered_for_what_decides_how_much_memory_a_slice_takes():
    key = fit_key(full(), "A100")
    assert key == "A100 · Full · 90 × 32 × 256 · binning 0"
    others = [
        fit_key(full(), "H100"),
        fit_key(try_(), "A100"),
        fit_key(full("--binning=1"), "A100"),
        fit_key(full("--end-column=128"), "A100"),
        fit_key(full("--end-proj=45"), "A100"),
        fit_key(full("--file-type=double_fov"), "A100"),
        fit_key(full(shape=(90, 64, 256)), "A100"),
    ]
    assert len({key, *others}) == len(others) + 1
    assert fit_key(full("--fbp-filter=hann", cor_px=3.0), "A100") == key


def test_a_full_and_a_whole_try_are_no_parts():
    assert search_parts(full(), 4) == search_parts(try_()) == search_parts(try_(), 200) == ()
    assert search_parts(try_(engine=CPU), 10) == ()
    assert len(search_parts(try_(), 100)) == 2
    assert len(search_parts(try_("--nsino-per-chunk=80"))) == 3


def test_each_part_draws_its_own_bars():
    assert bar_count(try_("--nsino=[0,0.5]")) == 2
    assert bar_count(try_("--nsino=[0,0.5]"), 100) == 4


steps = st.sampled_from([0.1, 0.25, 0.3, 0.5, 1.0])
cors = st.integers(0, 255 * 100).map(lambda n: n / 100)


@settings(deadline=None, max_examples=200)
@given(cors, st.integers(1, 60), steps, st.integers(0, 2), st.integers(1, 60).map(lambda n: 2 * n))
def test_parts_are_the_whole_search_or_none_at_all(cor_px, width, step, binning, chunk):
    pairs = (f"--center-search-width={width}", f"--center-search-step={step}", f"--binning={binning}")
    whole = try_(*pairs, cor_px=cor_px)
    found = []
    for part in parts_of(whole, chunk):
        piece = try_(*pairs[1:], f"--center-search-width={part.width_px!r}", cor_px=part.cor_px)
        assert candidates_of(piece) <= chunk
        found += piece.expected().files
    assert not found or found == list(whole.expected().files)


@given(cors)
@settings(deadline=None)
def test_a_cor_as_people_have_it_can_be_run_in_parts(cor_px):
    assert parts_of(try_(cor_px=cor_px, shape=(90, 32, 256)), 100)


def test_a_step_that_is_no_binary_number_can_be_run_in_parts():
    assert len(parts_of(try_("--center-search-step=0.1"), 100)) == 10


def test_parts_that_would_name_their_pictures_otherwise_are_not_run():
    """Rounded to two places in float32 the candidates of the second part differ from those of the whole."""
    wide = (90, 32, 2448)
    assert parts_of(try_(cor_px=998.915, shape=wide), 100) == ()
    assert parts_of(try_(cor_px=998.91, shape=wide), 100)


def test_a_part_around_minus_one_would_be_taken_for_the_middle():
    width = "--center-search-width=8"
    lone = next(cor for cor in np.arange(0, 16, 0.125) if not parts_of(try_(width, cor_px=float(cor)), 16))
    first = try_(width, cor_px=float(lone) + 0.5)
    assert parts_of(first, 16)


def test_a_shell_runs_each_part_and_ends_with_the_first_that_fails(tmp_path):
    """The engine is one that writes its arguments down, and fails in the second part."""
    engine = tmp_path / "engine $(x) 'y'"
    engine.write_text(
        f"""#!/bin/sh
cd "{tmp_path}" || exit
printf '%s\\0' "$@" >>said
[ ! -e run ] || exit 7
: >run
"""
    )
    engine.chmod(0o755)
    asked = try_(engine=Engine(EngineKind.PROGRAM, (str(engine),)), path="/d/a $(b)\n'c'.h5")
    done = subprocess.run(build_command(asked, "/jobs/1", 64), check=False)
    said = (tmp_path / "said").read_text().split("\0")
    assert done.returncode == 7
    assert said.count("--file-name=/d/a $(b)\n'c'.h5") == 2
    assert [text for text in said if text.startswith("--nsino-per")] == ["--nsino-per-chunk=64"] * 2
    axes = [float(text.partition("=")[2]) for text in said if text.startswith("--rotation-axis=")]
    assert axes == [part.cor_px for part in search_parts(asked, 64)][:2]
    assert said.count("--center-search-width=50.0") == 0


def test_a_try_in_parts_makes_the_very_same_pictures(tmp_path):
    """By the embedded engine, which takes the same options but for the writing threads."""
    (scan,) = write_demo_scans(tmp_path / "scans", scans=1, size=32)
    program = Engine(EngineKind.PROGRAM, (str(Path(sys.executable).with_name("tomobatch")),))
    pictures = []
    for chunk in (0, 8):
        out = tmp_path / f"out{chunk}"
        asked = try_(
            "--center-search-width=5",
            "--center-search-step=0.5",
            engine=program,
            cor_px=15.75,
            path=str(scan.path),
            partial=str(out),
        )
        assert len(search_parts(asked, chunk)) == (3 if chunk else 0)
        command = build_command(asked, str(tmp_path / "job"), chunk)
        command.remove("--max-write-threads=1")
        subprocess.run(command, check=True, capture_output=True)
        pictures.append({file.name: tifffile.imread(file) for file in out.iterdir()})
    whole, parts = pictures
    assert len(whole) == 20
    assert whole.keys() == parts.keys()
    for name, picture in whole.items():
        np.testing.assert_allclose(parts[name], picture, atol=1e-5)
