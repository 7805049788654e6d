"""The main job on a real X server, with a pointer and keys that know nothing of the program.

The program only says where its items are on the screen; everything it is told comes from ``xdotool``.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.live import demo_scans
from desktop.steps import folder_is_read, has_status, picture_is_shown, rest

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1920, 1080)
START_S = 60


async def answers(hands, files, socket_path):
    """A story that does nothing: it answers questions about the window until it is asked to leave."""
    await folder_is_read(hands, files)
    answering = Answers(hands)
    server = await asyncio.start_unix_server(answering.serve, socket_path)
    await answering.left.wait()
    server.close()


class Answers:
    """Where items are on the screen, and what became of things."""

    def __init__(self, hands):
        self._hands = hands
        self.left = asyncio.Event()

    async def serve(self, reader, writer):
        while line := await reader.readline():
            question, *about = json.loads(line)
            try:
                said = {"answer": await getattr(self, question)(*about)}
            except AssertionError as error:
                said = {"why": str(error)}
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def place(self, name, row):
        item = await self._hands.reach(name, row)
        at = self._hands.window.mapToGlobal(self._hands.point(item))
        return at.x(), at.y()

    async def row(self, name):
        return self._hands.row_id(name)

    async def status(self, row, words):
        await has_status(self._hands, row, words)

    async def picture(self, row, mode):
        await picture_is_shown(self._hands, row, mode)
        self._hands.grab(mode)

    async def filter(self, text):
        await self._hands.wait(lambda: self._hands.app.scans.filter == text, f"{text} is the filter")

    async def leave(self):
        await rest(self._hands)
        self.left.set()


class Person:
    """Sits at the screen."""

    def __init__(self, display: str, socket_path: str, program: "Future[None]") -> None:
        self._env = {**os.environ, "DISPLAY": display}
        self._socket = socket.socket(socket.AF_UNIX)
        until = time.monotonic() + START_S
        while self._socket.connect_ex(socket_path) != 0:
            if program.done():
                program.result()
            assert time.monotonic() < until, "the program does not answer"
            time.sleep(0.1)
        self._file = self._socket.makefile("rw")

    def ask(self, *what):
        self._file.write(json.dumps(what) + "\n")
        self._file.flush()
        said = json.loads(self._file.readline())
        assert "answer" in said, said["why"]
        return said["answer"]

    def xdotool(self, *arguments) -> None:
        subprocess.run(["xdotool", *map(str, arguments)], env=self._env, check=True, timeout=30)

    def click(self, name, row=None) -> None:
        x, y = self.ask("place", name, row)
        self.xdotool("mousemove", x, y, "click", 1)

    def type(self, text) -> None:
        self.xdotool("type", "--delay", 20, text)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def display():
    """A screen that nobody sees."""
    read, write = os.pipe()
    screen = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as number:
        yield f":{number.readline().strip()}"
    server.terminate()
    server.wait()


@pytest.fixture
def sit_down(play, display):
    """A program on the screen, and a person before it."""
    folder = Path(tempfile.mkdtemp(prefix="tb-"))  # the path of a socket must be short
    sitting = []

    def start(scans, files):
        place = str(folder / "socket")
        env = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        program = pool.submit(play, answers, scans, env=env, timeout_s=100, files=files, socket_path=place)
        person = Person(display, place, program)
        sitting.append((person, program))
        return person

    with ThreadPoolExecutor(1) as pool:
        yield start
        for person, program in sitting:
            person.ask("leave")
            person.close()
            program.result()
    shutil.rmtree(folder)


def do_the_main_job(person, name):
    row = person.ask("row", name)
    person.click("try", row)
    person.ask("status", row, "Try Complete")
    person.click("viewTry", row)
    person.ask("picture", row, "try")
    person.click("useThisCor")
    person.click("full", row)
    person.ask("status", row, "Full Complete")
    person.click("viewFull", row)
    person.ask("picture", row, "full")


def test_from_scans_to_a_volume_with_pointer_and_keys(sit_down, tmp_path):
    person = sit_down(demo_scans(tmp_path, scans=2), 2)
    person.click("search")
    person.type("0002")
    person.ask("filter", "0002")
    do_the_main_job(person, "demo_0002.h5")


def test_the_same_on_a_real_scan(sit_down, recorded_data, tmp_path):
    (tmp_path / "scans").mkdir()
    shutil.copy(recorded_data / "tooth.h5", tmp_path / "scans")
    do_the_main_job(sit_down(tmp_path / "scans", 1), "tooth.h5")


def test_make_run_opens_the_window_where_there_is_a_display(display, tmp_path):
    scans = demo_scans(tmp_path, scans=1)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND_"))}
    env["DISPLAY"] = display
    window = subprocess.Popen([ROOT / "tools/run.sh", scans], env=env, stderr=subprocess.PIPE, text=True)
    title = ["xdotool", "search", "--sync", "--onlyvisible", "--name", f"^{scans} – TomoBatch$"]
    try:
        subprocess.run(title, env=env, check=True, timeout=START_S, capture_output=True)
    finally:
        window.terminate()
        said = window.communicate(timeout=START_S)[1]
    assert (window.returncode, said) == (0, "")


def test_make_run_does_the_main_job_where_there_is_none(tmp_path):
    scans = demo_scans(tmp_path, scans=1)
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env.pop("QT_QPA_PLATFORM", None)
    done = subprocess.run(
        [ROOT / "tools/run.sh", scans], env=env, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Full Complete" in done.stdout
