"""The newest batch, kept up to date job by job, against counting anew."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.batch.counts import count
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.standing import Standing
from tomobatch.batch.states import JobState
from tomobatch.recon.kinds import Kind

NAMES = [f"j{number}" for number in range(5)]
rows = st.builds(
    JobRow,
    job=st.builds(
        Job,
        uid=st.sampled_from(NAMES),
        kind=st.sampled_from(Kind),
        path=st.just("/data/a.h5"),
        machine=st.sampled_from(["Local", "tomo1"]),
        slot_kind=st.just("GPU"),
        request=st.just({}),
        created_s=st.just(0.0),
    ),
    state=st.sampled_from(JobState),
    place=st.just(1),
    batch=st.integers(1, 3),
    progress=st.floats(0, 1),
    started_s=st.one_of(st.none(), st.floats(0, 100)),
    ended_s=st.one_of(st.none(), st.floats(0, 100)),
)


def anew(told):
    """All that was told, counted at once: of each job the last word, of the last batch alone."""
    newest = max(row.batch for row in told)
    return {row.uid: row for row in told if row.batch == newest}


@given(st.lists(st.lists(rows, max_size=5), min_size=1, max_size=8))
def test_job_by_job_is_as_good_as_all_at_once(rounds):
    standing, told, newest = Standing(), [], 0
    for changed in rounds:
        # A job stays in its batch; of those of earlier ones nothing is said any more.
        changed = [replace(row, batch=max(newest, row.batch)) for row in changed]
        newest = max([newest, *(row.batch for row in changed)])
        standing.take(changed)
        told += changed
    if not told:
        return
    expected = anew(told)
    assert standing.rows == expected
    assert standing.counts == count(expected.values())
    assert standing.active == {uid: row for uid, row in expected.items() if not row.state.ended}
    assert {row.uid for row in standing.begun()} == {
        uid for uid, row in standing.active.items() if row.state is not JobState.QUEUED
    }
    fresh = Standing()
    fresh.take(expected.values())
    left_s = standing.seconds_left(lambda *_: 2, 200.0)
    assert left_s == pytest.approx(fresh.seconds_left(lambda *_: 2, 200.0))
    done = [
        1.0 if row.state.ended else row.progress * (row.state is not JobState.QUEUED)
        for row in expected.values()
    ]
    assert standing.progress == pytest.approx(sum(done) / len(expected))
