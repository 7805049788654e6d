"""Out of GPU memory on the command line: `retry` takes half of the chunk, and it is remembered."""

import json

from system.stand import TOMOBATCH

# Out of memory with more than eight slices at a time; else the embedded engine.
SMALL_GPU = """#!/bin/sh
for argument; do
    shift
    case $argument in
    --max-write-threads=*) continue ;;
    --nsino-per-chunk=*) chunk=${{argument#*=}} ;;
    esac
    set -- "$@" "$argument"
done
[ "${{chunk-8}}" -le 8 ] || {{
    echo 'cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 25,600,000 bytes.' >&2
    exit 1
}}
exec {tomobatch} "$@"
"""


def chunks_in(place):
    command = json.loads((place / "tomobatch.json").read_text())["run"]["command"]
    return [text for text in command if text.startswith("--nsino")]


def test_half_of_the_chunk_and_then_for_all_of_that_shape(stand):
    stand.scans("a_memory.h5", "b_memory.h5")
    assert stand.run_full("a_memory.h5", gpus=1).returncode != 0
    assert stand.jobs()["a_memory.h5"]["code"] == "gpu-memory"
    again = stand.cli("retry")
    assert again.returncode == 0, again.stderr
    assert "a_memory.h5: chunk 4 this time, since the GPU ran out of memory." in again.stderr
    assert stand.run_full("b_memory.h5", "--json", gpus=1).returncode == 0
    assert chunks_in(stand.result("a_memory.h5")) == chunks_in(stand.result("b_memory.h5")) == [
        "--nsino-per-chunk=4"
    ]  # fmt: skip
    assert stand.runs() == {"a_memory.h5": 2, "b_memory.h5": 1}


def test_a_try_is_run_in_parts_and_is_whole(stand):
    stand.scans("a.h5")
    engine = stand.folder / "small-gpu"
    engine.write_text(SMALL_GPU.format(tomobatch=TOMOBATCH))
    engine.chmod(0o755)
    width = ("--center-search-width=2", "--center-search-step=0.4")
    failed = stand.cli("run", "try", stand.data, *width, "--engine-command", engine)
    assert failed.returncode != 0
    assert stand.jobs()["a.h5"]["code"] == "gpu-memory"
    again = stand.cli("retry")
    assert again.returncode == 0, again.stderr
    assert "4 candidates at a time this time" in again.stderr
    place = stand.folder / "scans_rec" / "try_center" / "a"
    assert chunks_in(place) == ["--nsino-per-chunk=4"]
    assert len(list(place.glob("*.tiff"))) == 10
