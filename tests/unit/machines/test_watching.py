from __future__ import annotations

import asyncio
from pathlib import Path

from inotify_simple import INotify

from tomobatch.machines.watching import Watcher


def refused():
    raise OSError


def watches_of(inotify):
    return Path(f"/proc/self/fdinfo/{inotify.fileno()}").read_text().count("inotify wd")


async def changes_within(watch, seconds):
    count = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                await watch.changed()
                count += 1
    except TimeoutError:
        return count


async def test_many_changes_are_gathered(tmp_path):
    watcher = Watcher(gather_s=0.2, poll_s=60)
    watch = watcher.watch(tmp_path)

    async def chatter():
        with (tmp_path / "log").open("w") as file:
            for _ in range(2000):
                file.write("line")
                file.flush()
                await asyncio.sleep(0)

    chatting = asyncio.create_task(chatter())
    assert 1 <= await changes_within(watch, 0.5) <= 4
    await chatting
    watch.close()
    watcher.close()


async def test_what_does_not_count_yet_is_looked_at_again(tmp_path):
    """A transaction is written, and counts once the disk has it: nothing in its folder changes by that."""
    watcher = Watcher(gather_s=0.01, poll_s=60, again_s=(0.05, 0.1))
    watch = watcher.watch(tmp_path)
    (tmp_path / "file").touch()
    await watch.changed()
    # Two where the machine has time for both, one where it was busy meanwhile.
    assert 1 <= await changes_within(watch, 0.5) <= 2
    watch.close()
    watcher.close()


async def test_each_watch_is_woken_for_its_own_folder(tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    watcher = Watcher(gather_s=0.01, poll_s=60)
    first, again, second = (watcher.watch(folder) for folder in (folders[0], folders[0], folders[1]))
    (folders[0] / "file").touch()
    await first.changed()
    await again.changed()
    assert await changes_within(second, 0.05) == 0
    first.close()
    await changes_within(again, 0.05)
    (folders[0] / "other").touch()
    await again.changed()
    again.close()
    second.close()
    watcher.close()


async def test_one_instance_serves_all_and_none_is_left(tmp_path):
    made = []
    watcher = Watcher(0.01, 60, lambda: made.append(INotify()) or made[-1])
    for _ in range(3):
        watch = watcher.watch(tmp_path)
        (tmp_path / "file").write_text("x")
        await watch.changed()
        watch.close()
    assert len(made) == 1
    assert watches_of(made[0]) == 0
    watcher.close()
    assert made[0].closed


async def test_without_inotify_it_wakes_now_and_then(tmp_path):
    watcher = Watcher(0.01, 0.02, refused)
    watch = watcher.watch(tmp_path)
    await watch.changed()
    await watch.changed()
    watch.also(tmp_path / "file")
    watch.close()
    watcher.close()


async def test_a_folder_that_is_not_there_is_looked_at_now_and_then(tmp_path):
    watcher = Watcher(0.01, 0.02)
    watch = watcher.watch(tmp_path / "missing")
    await watch.changed()
    await watch.changed()
    watch.close()
    watcher.close()


async def test_a_folder_that_goes_away_does_no_harm(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    watcher = Watcher(0.01, 60)
    watch = watcher.watch(folder)
    folder.rmdir()
    await asyncio.sleep(0.05)
    watch.close()
    watcher.close()
