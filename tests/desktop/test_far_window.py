"""The window with real hosts over SSH: met for the first time, lost and found, busy, left alone."""

import os
import shutil
import signal
import subprocess

import pytest
from PySide6.QtCore import Qt

from desktop.far_hosts import forget_keys, list_hosts, way_to
from desktop.machine_aid import closed, fill, into_view, open_window
from desktop.sizes import LARGE, SMALL, SMALL_DAILY
from desktop.steps import cell, folder_is_read, has_status, read_banners, rest, status
from machines.networks import can_make_networks
from missing import missing
from system.hosts import Host
from system.stand import ENGINE, Stand, wait_until
from tomobatch.config.machines import ANY, machines_path, read_machines, write_machines
from tomobatch.machines.wrapper import lock_file

HANG, FIRST, SECOND = "scan_0_hang.h5", "scan_1.h5", "scan_2.h5"


@pytest.fixture
def stand(tmp_path):
    made = Stand(tmp_path)
    yield made
    made.clean_up()


@pytest.fixture
def host(stand):
    """Make a host of this name with so many GPUs."""
    made = []

    def make(name, gpus, own_network=False):
        made.append(Host(stand, name, gpus, own_network))
        return made[-1]

    yield make
    for one in made:
        one.end()


async def choose(hands, name):
    """Take a machine for the target; returns once it was asked."""
    target = hands.app.target
    await hands.click("machine")
    await hands.wait(lambda: hands.items("machine_0"))
    await hands.click(f"machine_{hands.app.machines.watch.rowOf(name)}")
    await hands.wait(lambda: target.name == name and target.choice.engine, "it was asked")


def lines_of_log(hands, words):
    log = hands.app.log
    return [line for row in range(log.rowCount()) if words in (line := log.data(log.index(row)))]


# -- met for the first time ------------------------------------------------------------------------


async def meets_a_host(hands, engine):
    """Added, tested, trusted, saved, chosen; and its number of GPUs is one, wherever it is set."""
    await folder_is_read(hands, 1)
    editor, target = hands.app.machines.editor, hands.app.target
    await open_window(hands)
    await hands.click("machineAdd")
    await fill(hands, "machineName", "beam line")
    await fill(hands, "machineHost", "beam")
    editor.chooseEngine(3)
    await fill(hands, "machineProgram", engine)
    await hands.click("machineTest")
    await hands.reach("hostKeyNotNow")
    assert hands.words("hostKeyPrint").startswith("SHA256:")
    # Enter trusts nothing.
    await hands.key(Qt.Key.Key_Return)
    await hands.wait(lambda: not hands.items("hostKeyNotNow"), "nothing was trusted")
    assert [line["sign"] for line in editor.tested[:3]] == ["good", "bad", "unasked"]
    await hands.click("machineTest")
    await hands.click("hostKeyTrust")
    await hands.wait(lambda: editor.tested and not editor.testing, "it was tested to the end")
    assert [line["topic"] for line in editor.tested if line["sign"] not in ("good", "note")] == []
    assert (editor.gpus, editor.gpusNote) == (2, "2 GPUs found")
    await into_view(hands, "machineGpusLess", notches=2)
    await hands.click("machineGpusLess")
    assert editor.gpusNote == "2 GPUs found, 1 used"
    await hands.frame()
    hands.grab("tested")
    # What was typed is lost by no slip.
    await hands.key(Qt.Key.Key_Escape)
    assert hands.words("machinesTrouble") == "▲  What was changed here is not saved yet."
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("machinesDiscard"), "it is edited still")
    assert not machines_path().exists()
    await hands.click("machinesSave")
    await closed(hands)
    # Known before anything has run there.
    assert hands.app.machines.watch.mark("beam line").value == "reachable"
    await choose(hands, "beam line")
    assert (target.slotCount, target.slotsNote) == (1, f"{ENGINE.name} · 2 GPUs found, 1 used")
    await hands.click("slotsMore")
    assert (target.slotCount, target.slotsNote) == (2, f"{ENGINE.name} · 2 GPUs found")
    await open_window(hands)
    assert (editor.name, editor.gpus) == ("beam line", 2)
    await hands.click("machinesCancel")
    await closed(hands)
    # By hand, or by another program.
    *others, mine = read_machines(machines_path())[0]
    write_machines(machines_path(), [*others, type(mine)(**{**mine.__dict__, "gpus": 3})])
    await hands.wait(lambda: target.slotCount == 3, "the list is read again")
    assert target.slotsNote == f"{ENGINE.name} · ▲ 2 GPUs found, 3 set"
    machines_path().write_text("[[machine]]\nname = ")
    await hands.wait(lambda: hands.app.notices.text, "it is said")
    assert "stay as they were" in (await read_banners(hands))[0]
    assert (target.name, editor.count) == ("beam line", 7)
    row = hands.row_id(FIRST)
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    await rest(hands)
    assert len(lines_of_log(hands, f"🖥️ Running on beam line: {FIRST}")) == 1


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_host_that_nobody_has_met_is_added_trusted_and_used(play, stand, host, size):
    stand.scans(FIRST)
    host("beam", 2)
    forget_keys()
    play(meets_a_host, stand.data, size=size, env=stand.env, engine=str(ENGINE))


# -- lost, and found again ---------------------------------------------------------------------------


async def loses_a_host(hands, port, cable):
    """Every place of the window says so, and what waits is moved; the log has a line each."""
    async with way_to(port, cable) as way:
        await folder_is_read(hands, 3)
        hands.app.machines._lost._after_s = 0.0
        watch, rows = hands.app.machines.watch, [hands.row_id(name) for name in (HANG, FIRST, SECOND)]
        await choose(hands, "tomo1")
        for row in rows:
            await hands.click("full", row)
        await has_status(hands, rows[0], "Running Full on GPU 0")
        way.break_it()
        await hands.wait(lambda: watch.mark("tomo1").value == "lost", "it is lost", 30)
        await hands.read(
            "Its running job goes on there, and is found again when it answers. 2 jobs wait for it."
        )
        await hands.wait(lambda: "since" in cell(hands, rows[1], "note"), "those that wait say so")
        assert cell(hands, rows[1], "note").startswith("tomo1 · has not answered since ")
        assert cell(hands, rows[0], "statusKind") == "lost"
        assert "no answer" in cell(hands, rows[0], "note")
        assert hands.item("machineDot").property("mark") == "lost"
        assert hands.item("tile0").property("lost")
        assert (hands.app.queue.timeLeft, hands.app.queue.running) == ("", 1)
        await hands.frame()
        hands.grab("lost")
        await hands.click("cancel", rows[0])
        await hands.wait(lambda: "to be stopped" in cell(hands, rows[0], "note"), "its wish is kept")
        await hands.click("bannerAction1")
        for row in rows[1:]:
            await has_status(hands, row, "Full Complete")
        assert cell(hands, rows[1], "note").startswith("tomo2")
        assert f"2 jobs go to {ANY} instead of tomo1." in lines_of_log(hands, ANY)
        assert len(lines_of_log(hands, "🖥️ Running on tomo2: ")) == 2
        way.mend_it()
        await has_status(hands, rows[0], "Full Cancelled")
        await rest(hands)
        assert watch.mark("tomo1").value == "reachable"
        assert not hands.item("tile0").property("lost")
        assert len(lines_of_log(hands, "not answered")) == 1
        assert len(lines_of_log(hands, "tomo1 answers again.")) == 1


@pytest.mark.parametrize(
    ("size", "by_cable"), [(LARGE, False), pytest.param(SMALL, True, marks=pytest.mark.slow)]
)
def test_a_host_is_lost_and_found_again(play, stand, host, size, by_cable):
    if by_cable and not can_make_networks():
        missing("no network can be made here (root may)")
    stand.scans(HANG, FIRST, SECOND)
    tomo1, tomo2 = host("tomo1", 1, by_cable), host("tomo2", 1)
    list_hosts([tomo1, tomo2])
    cable = tomo1.network.cable if by_cable else ""
    play(
        loses_a_host, stand.data, size=size, env=stand.env, timeout_s=90, port=tomo1.server.port, cable=cable
    )
    assert stand.runs() == {HANG: 1, FIRST: 1, SECOND: 1}


async def gives_up(hands, port):
    """By two presses, after a stop that could not be done; what is left there ends before the next runs."""
    async with way_to(port, "") as way:
        await folder_is_read(hands, 2)
        hands.app.machines._lost._after_s = 0.0
        rows = [hands.row_id(name) for name in (HANG, FIRST)]
        await choose(hands, "tomo1")
        for row in rows:
            await hands.click("full", row)
        await has_status(hands, rows[0], "Running Full on GPU 0")
        way.break_it()
        await hands.read(
            "Its running job goes on there, and is found again when it answers. 1 job waits for it."
        )
        await hands.click("bannerAction0")
        await hands.click("cancel", rows[0])
        await hands.read("It is to be stopped once tomo1 answers. 1 job waits for it.")
        await hands.click("bannerAction2")
        await hands.read("Should tomo1 answer again, it is stopped there.")
        await hands.frame()
        hands.grab("give up")
        await hands.click("bannerAction0")
        await has_status(hands, rows[0], "Interrupted")
        assert "was given up" in cell(hands, rows[0], "note")
        await hands.read("1 job waits for it.")
        await hands.frame()
        hands.grab("given up")
        way.mend_it()
        await has_status(hands, rows[1], "Full Complete")
        await rest(hands)
        assert "it still ran there, and was stopped" in cell(hands, rows[0], "note")


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_what_runs_on_a_host_that_is_gone_is_given_up(play, stand, host, size):
    stand.scans(HANG, FIRST)
    tomo1 = host("tomo1", 1)
    list_hosts([tomo1])
    play(gives_up, stand.data, size=size, env=stand.env, timeout_s=90, port=tomo1.server.port)
    assert stand.runs() == {HANG: 1, FIRST: 1}


# -- busy with others, and left alone ----------------------------------------------------------------


async def waits_and_is_left(hands, holder):
    """Somebody else has the GPU; then the window is closed over what runs and waits."""
    await folder_is_read(hands, 2)
    rows = [hands.row_id(name) for name in (FIRST, SECOND)]
    await choose(hands, "tomo1")
    for row in rows:
        await hands.click("full", row)
    await has_status(hands, rows[0], "Waiting for GPU 0 (held by grace: Full of enamel.h5)")
    assert hands.app.queue.statusText == "Completed 0/2 | Running: 0 | Queue: 2"
    assert hands.item("tile0").property("job") == "held by grace: Full of enamel.h5"
    await hands.frame()
    hands.grab("held")
    os.killpg(holder, signal.SIGKILL)
    await has_status(hands, rows[0], "Running Full on GPU 0")
    assert status(hands, rows[1]) == "Queued Full"
    hands.window.close()
    await hands.read("1 job runs and 1 job waits.")
    await hands.frame()
    hands.grab("closing")
    await hands.click("closeGoOn")
    await hands.wait(hands.app.closed.is_set, "somebody else has taken over")


async def finds_all_done(hands):
    await folder_is_read(hands, 2)
    for name in (FIRST, SECOND):
        await has_status(hands, hands.row_id(name), "Full Complete")


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_gpu_that_somebody_has_and_a_window_that_is_closed_over_far_jobs(play, stand, host, size):
    stand.scans(FIRST, SECOND)
    stand.env["REPLAY_SECONDS"] = "1.5"
    tomo1 = host("tomo1", 1)
    list_hosts([tomo1])
    lock = lock_file(tomo1.locks, "gpu-GPU-0")
    lock.write_text("grace: Full of enamel.h5\n")
    holder = subprocess.Popen([shutil.which("flock"), lock, "sleep", "600"], start_new_session=True)
    try:
        play(waits_and_is_left, stand.data, size=size, env=stand.env, holder=holder.pid)
    finally:
        holder.kill()
        holder.wait()
    wait_until(lambda: stand.runs("end") == {FIRST: 1, SECOND: 1})
    wait_until(lambda: set(stand.states().values()) == {"complete"})
    play(finds_all_done, stand.data, size=size, env=stand.env)
    assert stand.runs() == {FIRST: 1, SECOND: 1}
