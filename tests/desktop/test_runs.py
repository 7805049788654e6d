"""Running scans from the live window: the queue held, ordered, begun again; what is replaced; the engine."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.replay import Replay
from desktop.sizes import SMALL_DAILY
from desktop.steps import cell, folder_is_read, has_status, read_banners, rest, status
from tomobatch.batch.states import JobState

HANG, FIRST, SECOND = "scan_0_hang.h5", "scan_1.h5", "scan_2.h5"


@pytest.fixture
def stand(tmp_path):
    made = Replay(tmp_path)
    yield made
    made.clean_up()


def ids(hands, *names):
    return [hands.row_id(name) for name in names]


async def runs_one_and_two_wait(hands):
    """The hanging scan runs, the others wait in their order; their rows."""
    await folder_is_read(hands, 3)
    rows = ids(hands, HANG, FIRST, SECOND)
    await hands.wait(lambda: cell(hands, rows[2], "corText"), "the CORs are read")
    await hands.click("full", rows[0])
    await hands.wait(lambda: status(hands, rows[0]) == "Running Full on GPU 0")
    for number, row in enumerate(rows[1:], 1):
        await hands.click("full", row)
        await hands.wait(lambda number=number: hands.app.queue.waiting == number)
    return rows


# -- pause ------------------------------------------------------------------------------------


async def is_paused(hands):
    hang, first, second = await runs_one_and_two_wait(hands)
    await hands.wait(lambda: hands.app.queue.statusText == "Completed 0/3 | Running: 1 | Queue: 2")
    await hands.click("pause")
    said = await hands.read("Paused by ")
    assert said.endswith("What runs goes on.")
    assert hands.app.queue.timeLeft == ""
    await hands.frame()
    hands.grab("paused")
    await hands.click("cancel", hang)
    await has_status(hands, hang, "Full Cancelled")
    await hands.wait(lambda: hands.app.queue.statusText == "Completed 1/3 | Running: 0 | Queue: 2")
    assert [status(hands, row) for row in (first, second)] == ["Queued Full"] * 2
    # Where the finger was for Pause there is Go on now; and it is one tap.
    assert hands.words("pause") == "Go on"
    await hands.click("pause")
    await rest(hands)
    assert [status(hands, row) for row in (first, second)] == ["Full Complete"] * 2
    assert not hands.items("standstill")
    assert not hands.item("pause").isEnabled()
    log = hands.app.log
    lines = [log.data(log.index(number, 0)) for number in range(log.rowCount())]
    assert [line for line in lines if line.startswith("Paused by ")]
    assert "The queue goes on." in lines


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_nothing_starts_while_it_is_paused_and_what_runs_goes_on(play, stand, size):
    stand.scans(HANG, FIRST, SECOND)
    play(is_paused, stand.data, size=size, env=stand.window_env)


async def pauses_and_closes(hands):
    hang, *_ = await runs_one_and_two_wait(hands)
    await hands.click("pause")
    await hands.read("Paused by ")
    await hands.click("cancel", hang)
    await has_status(hands, hang, "Full Cancelled")
    hands.window.close()
    await hands.reach("closeLetFinish")
    await hands.read("The queue is paused")
    # There would be nothing to do for it.
    assert not hands.items("closeGoOn")
    assert hands.words("closeLetFinish") == "Close, and let them wait"
    await hands.click("closeLetFinish")
    await hands.wait(lambda: hands.app.closing)


async def is_still_paused(hands):
    await folder_is_read(hands, 3)
    await hands.read("Nothing new starts before somebody presses Go on.")
    await read_banners(hands)
    await hands.read("Paused by ")
    assert hands.app.queue.waiting == 2
    await hands.click("pause")
    await rest(hands)


def test_a_pause_outlives_the_window_and_the_next_one_says_so(play, stand):
    stand.scans(HANG, FIRST, SECOND)
    play(pauses_and_closes, stand.data, env=stand.window_env)
    assert sorted(stand.states().values()) == ["cancelled", "queued", "queued"]
    play(is_still_paused, stand.data, env=stand.window_env)
    assert stand.begun() == [HANG, FIRST, SECOND]


async def is_paused_by_others(hands, command):
    hang, first, _ = await runs_one_and_two_wait(hands)
    assert await (await asyncio.create_subprocess_exec(command, "pause", "beam", "is", "off")).wait() == 0
    await hands.read(": beam is off.")
    await hands.click("cancel", hang)
    await has_status(hands, hang, "Full Cancelled")
    assert status(hands, first) == "Queued Full"
    following = await asyncio.create_subprocess_exec(
        command, "resume", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    await rest(hands)
    await hands.wait(lambda: not hands.items("standstill"))
    await following.communicate()


def test_a_terminal_pauses_the_window_and_lets_it_go_on(play, stand):
    stand.scans(HANG, FIRST, SECOND)
    play(is_paused_by_others, stand.data, env=stand.window_env, command=stand.command()[0])


# -- the order of the queue ---------------------------------------------------------------------


async def is_reordered(hands):
    hang, first, second = await runs_one_and_two_wait(hands)
    await hands.wait(lambda: cell(hands, first, "note") == "Local · 1st in the queue")
    assert cell(hands, second, "note") == "Local · 2nd in the queue"
    await hands.click("status", second, place=(0.3, 0.4))
    await hands.read("2nd in the queue")
    assert not hands.items("noteMoveSelected")
    hands.grab("note-queued")
    await hands.click("noteMove")
    # The note follows what it tells of.
    await hands.wait(lambda: hands.words("statusNoteText") == "Local · 1st in the queue")
    await hands.click("noteMove")
    await close_note(hands)
    await hands.wait(lambda: cell(hands, first, "note") == "Local · 2nd in the queue")
    await hands.click("selectAll")
    await hands.click("status", first, place=(0.3, 0.4))
    assert (await hands.reach("noteMoveSelected")).property("text") == "Move 2 selected to front"
    await close_note(hands)
    await hands.click("cancel", hang)
    await rest(hands)


async def close_note(hands):
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("statusNoteStatus"))


def test_a_job_is_moved_to_the_front(play, stand):
    stand.scans(HANG, FIRST, SECOND)
    play(is_reordered, stand.data, env=stand.window_env)
    assert stand.begun() == [HANG, SECOND, FIRST]


# -- what failed ----------------------------------------------------------------------------------


async def is_retried(hands, flag):
    await folder_is_read(hands, 2)
    rows = ids(hands, FIRST, SECOND)
    await hands.wait(lambda: cell(hands, rows[1], "corText"), "the CORs are read")
    assert not hands.items("retry")
    await hands.click("selectAll")
    await hands.click("runFull")
    await hands.click("runConfirm")
    for row in rows:
        await has_status(hands, row, "Full Failed")
    await rest(hands)
    await read_banners(hands)
    await hands.frame()
    hands.grab("failed")
    assert (await hands.reach("retry")).property("text") == "Retry failed (2)"
    await hands.click("status", rows[0], place=(0.3, 0.4))
    await hands.reach("noteRetry")
    hands.grab("note-failed")
    await hands.click("noteOutput")
    await hands.wait(lambda: "something odd" in hands.words("outputText"))
    assert hands.app.log.outputTitle == f"Full of {FIRST}: Full Failed"
    await hands.click("outputClose")
    await hands.wait(lambda: not hands.items("outputText"))
    Path(flag).unlink()
    hands.app.cors.set(rows[0], "6.25")
    await hands.wait(lambda: cell(hands, rows[0], "corText") == "6.25")
    await hands.click("status", rows[0], place=(0.3, 0.4))
    await hands.click("noteRetry")
    await close_note(hands)
    await has_status(hands, rows[0], "Full Complete")
    # The batch is another one now.
    await hands.wait(lambda: not hands.items("retry"))
    await rest(hands)
    return [row.job.request["cor_px"] for row in hands.app.scans.known(rows[0]).jobs]


def test_what_failed_is_run_again_with_the_cor_of_now(play, stand):
    stand.scans(FIRST, SECOND)
    stand.flag.touch()
    assert play(is_retried, stand.data, env=stand.window_env, flag=str(stand.flag)) == [7.5, 6.25]


async def all_are_retried(hands, flag):
    await folder_is_read(hands, 3)
    rows = ids(hands, FIRST, SECOND, "scan_3.h5")
    await hands.wait(lambda: cell(hands, rows[2], "corText"), "the CORs are read")
    await hands.click("selectAll")
    await hands.click("runFull")
    await hands.click("runConfirm")
    for row in rows:
        await has_status(hands, row, "Full Failed")
    await rest(hands)
    await read_banners(hands)
    Path(flag).unlink()
    hands.app.cors.set(rows[1], "")
    await hands.wait(lambda: not cell(hands, rows[1], "corText"))
    await hands.click("retry")
    await hands.read(f"{SECOND} has no COR")
    for row in (rows[0], rows[2]):
        await has_status(hands, row, "Full Complete")
    return [status(hands, row) for row in rows]


def test_all_that_failed_is_run_again_by_one_tap_but_what_cannot_be(play, stand):
    stand.scans(FIRST, SECOND, "scan_3.h5")
    stand.flag.touch()
    states = play(all_are_retried, stand.data, env=stand.window_env, flag=str(stand.flag))
    assert states == ["Full Complete", "Full Failed", "Full Complete"]


# -- what would be replaced ---------------------------------------------------------------------------


async def is_asked_before_it_is_replaced(hands):
    await folder_is_read(hands, 2)
    row = hands.row_id(FIRST)
    await hands.wait(lambda: cell(hands, row, "corText"), "the CORs are read")
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    await read_banners(hands)
    await hands.click("full", row)
    await hands.read("1 complete Full result is replaced when the new one is complete.")
    hands.grab("replace")
    await hands.click("runCancel")
    assert len(hands.app.scans.known(row).jobs) == 1
    await hands.click("full", row)
    await hands.click("runConfirm")
    await hands.wait(lambda: len(hands.app.scans.known(row).jobs) == 2)
    await has_status(hands, row, "Full Complete")


def test_a_complete_full_is_asked_about_before_its_row_replaces_it(play, stand):
    stand.scans(FIRST, SECOND)
    play(is_asked_before_it_is_replaced, stand.data, env=stand.window_env)


# -- the output of a job that runs ---------------------------------------------------------------------


async def is_followed(hands):
    await folder_is_read(hands, 1)
    row = hands.row_id(HANG)
    await hands.wait(lambda: cell(hands, row, "corText"), "the CORs are read")
    await hands.click("full", row)
    await hands.wait(lambda: status(hands, row) == "Running Full on GPU 0")
    await hands.click("status", row, place=(0.3, 0.4))
    await hands.click("noteOutput")
    await hands.wait(lambda: "Full reconstruction" in hands.words("outputText"))
    assert hands.app.log.outputTitle == f"Full of {HANG}: Running Full on GPU 0"
    job = hands.app.scans.known(row).jobs[-1]
    with hands.app._station.log_path(job).open("a") as file:
        file.write("one more line\n")
    await hands.wait(lambda: "one more line" in hands.words("outputText"))
    hands.app.runs.cancel(row)
    await hands.wait(lambda: hands.app.log.outputTitle.endswith("Full Cancelled"))
    await hands.click("outputClose")


def test_the_output_of_a_job_is_followed_while_it_runs(play, stand):
    stand.scans(HANG)
    play(is_followed, stand.data, env=stand.window_env)


# -- many scans on several GPUs -----------------------------------------------------------------------


async def twenty_on_four(hands):
    await folder_is_read(hands, 20)
    queue, seen = hands.app.queue, []
    await hands.wait(lambda: cell(hands, hands.row_id("scan_20.h5"), "corText"), "the CORs are read")
    for number in range(2, 5):
        await hands.click("slotsMore")
        await hands.wait(lambda number=number: queue.target.slotCount == number)
    queue.figuresChanged.connect(lambda: seen.append((queue.statusText, queue.queueText, queue.progress)))
    await hands.click("selectAll")
    await hands.click("runFull")
    await hands.read("Run Full on 20 scans?")
    await hands.read("4 at a time")
    await hands.click("runConfirm")
    slots = set()
    while queue.active or not seen:
        slots |= {row.slot.word for row in hands.app._bridge.jobs.values() if row.state is JobState.RUNNING}
        await hands.frame()
    hands.grab("end")
    return {"seen": seen, "slots": sorted(slots), "said": hands.app.notices.text}


def test_twenty_files_on_four_gpus(play, stand):
    stand.scans(*(f"scan_{number:02d}.h5" for number in range(1, 21)))
    env = stand.window_env | {"REPLAY_SECONDS": "0.3"}
    told = play(twenty_on_four, stand.data, env=env)
    assert told["slots"] == ["GPU 0", "GPU 1", "GPU 2", "GPU 3"]
    assert told["said"] == "All 20 jobs have ended."
    texts = [text for text, *_ in told["seen"]]
    assert texts[-1] == "Completed 20/20 | Running: 0 | Queue: 0"
    whole = [numbers_of(text) for text in texts if "/20" in text]
    assert all(done + running + waiting == 20 for done, running, waiting in whole)
    # One may still be checked while its GPU runs the next.
    assert max(running for _, running, _ in whole) >= 4
    assert [done for done, *_ in whole] == sorted(done for done, *_ in whole)
    for text, label, _ in told["seen"]:
        waiting = numbers_of(text)[2]
        assert label == ("1 job waiting" if waiting == 1 else f"{waiting} jobs waiting")
    assert sorted(stand.begun()[:4]) == [f"scan_{number:02d}.h5" for number in range(1, 5)]
    assert len(stand.begun()) == 20


def numbers_of(text):
    """X, A and B of the status line."""
    completed, running, queue = (part.split()[-1] for part in text.split(" | "))
    return int(completed.partition("/")[0]), int(running), int(queue)
