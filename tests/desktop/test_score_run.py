"""The process that scores candidates, from the window's side."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import tifffile

from desktop.processes import children
from tomobatch.desktop.viewing.score_run import run_scores


@pytest.fixture
def files(tmp_path):
    made = [tmp_path / f"recon_{number}.tiff" for number in range(6)]
    for number, file in enumerate(made):
        tifffile.imwrite(file, np.random.default_rng(number).normal(size=(64, 64)).astype(np.float32))
    return made


async def begun(files):
    """A run that has told of a candidate, and of many more to come."""
    told = asyncio.Event()
    run = asyncio.create_task(run_scores(files * 2000, lambda *_: told.set()))
    await asyncio.wait_for(told.wait(), 60)
    (pid,) = children("_scores")
    return run, pid


async def test_each_candidate_is_told_of_once(files):
    files[1] = Path(os.fsdecode(os.fsencode(files[1].parent) + b"/\xff.tiff"))
    tifffile.imwrite(files[1], np.ones((64, 64), np.float32))
    files[2].write_bytes(b"no TIFF")
    told = {}
    await run_scores(files, lambda index, scores, pixels: told.setdefault(index, []).append((scores, pixels)))
    assert sorted(told) == [0, 1, 2, 3, 4, 5]
    assert [index for index, times in told.items() if times[0][0] is None] == [2]
    assert told[1][0][1]
    assert not children("_scores")


@pytest.mark.parametrize("hung", [False, True])
async def test_a_run_that_is_left_leaves_no_process(files, hung):
    run, pid = await begun(files)
    if hung:
        os.kill(pid, signal.SIGSTOP)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not children("_scores")


async def test_a_process_that_dies_ends_the_run(files):
    run, pid = await begun(files)
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(run, 60)
    assert not children("_scores")
