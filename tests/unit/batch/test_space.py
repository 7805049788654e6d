"""No job starts that would fill the disk."""

import pytest

from tomobatch.batch.space import Claims, HoldQueueError, look_at_disk

DISK = {"device": 1, "free_bytes": 1_000_000_000, "reserve_bytes": 100_000_000}


def test_what_runs_already_will_still_write():
    claims = Claims(lambda _: True)
    claims.claim("a", "Full of a.h5", 500_000_000, DISK)
    with pytest.raises(HoldQueueError, match=r"Full of b.h5 needs 500.0 MB, 500.0 MB are left") as caught:
        claims.claim("b", "Full of b.h5", 500_000_000, DISK)
    assert caught.value.code == "disk-nearly-full"
    claims.claim("b", "Full of b.h5", 300_000_000, DISK)
    claims.settle("a")
    claims.claim("c", "Full of c.h5", 500_000_000, DISK)


def test_another_disk_is_another_matter():
    claims = Claims(lambda _: True)
    claims.claim("a", "Full of a.h5", 800_000_000, DISK)
    claims.claim("b", "Full of b.h5", 800_000_000, DISK | {"device": 2})


def test_a_job_that_starts_again_is_counted_once():
    claims = Claims(lambda _: True)
    claims.claim("a", "Full of a.h5", 800_000_000, DISK)
    claims.claim("a", "Full of a.h5", 800_000_000, DISK)


def test_the_reserve_is_kept():
    with pytest.raises(HoldQueueError):
        Claims(lambda _: True).claim("a", "Full of a.h5", 900_000_001, DISK)
    Claims(lambda _: True).claim("a", "Full of a.h5", 900_000_000, DISK)


def test_the_disk_is_that_of_the_nearest_folder_there_is(small_disk):
    seen = look_at_disk(str(small_disk / "scans_rec" / "not" / "there" / "yet"))
    assert seen["device"] == small_disk.stat().st_dev
    assert seen["free_bytes"] <= 512 * 1024
    assert seen["reserve_bytes"] == 512 * 1024 // 100


def test_a_job_that_nobody_watches_any_more_counts_until_it_has_ended():
    running = {"a"}
    claims = Claims(running.__contains__)
    claims.claim("a", "Full of a.h5", 500_000_000, DISK)
    with pytest.raises(HoldQueueError):
        claims.claim("b", "Full of b.h5", 500_000_000, DISK)
    running.clear()
    claims.claim("b", "Full of b.h5", 500_000_000, DISK)


def test_what_an_earlier_scheduler_started_counts_on_whichever_disk():
    claims = Claims(lambda _: True)
    claims.count_in("a", 500_000_000)
    for device in (1, 2):
        with pytest.raises(HoldQueueError):
            claims.claim("b", "Full of b.h5", 500_000_000, DISK | {"device": device})
    claims.settle("a")
    claims.claim("b", "Full of b.h5", 500_000_000, DISK)
    # One that is known better is not forgotten.
    claims.count_in("b", 1)
    with pytest.raises(HoldQueueError):
        claims.claim("c", "Full of c.h5", 500_000_000, DISK)
