"""A station of its own for a test: scans, a replaying engine, the command line, what became of the jobs."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import tifffile

from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Journal
from tomobatch.batch.states import JobState
from tomobatch.config.places import host_state_folder

FAKES = Path(__file__).resolve().parents[1] / "fakes"
DRIVER = Path(__file__).with_name("driver.py")
ENGINE = FAKES / "replay_engine.sh"
TOMOBATCH = Path(sys.executable).with_name("tomobatch")
SIZE = 16

Program = subprocess.Popen[str]

# In the form of recorded output, but invented: a clone without the recorded samples must pass too.
STDOUT = "\rqueue size 000 |  |{}| 0.0% \r\rqueue size 000 |  |{}| 100.0% \r\n".format("-" * 40, "█" * 40)
STDERR = "2026-11-22 15:20:35,658 - \x1b[92mFull reconstruction\x1b[0m\n"


class Stand:
    """A data folder, an engine that replays, and a home; all below one folder."""

    def __init__(self, folder: Path, shared_data: Path | None = None) -> None:
        self.folder = folder
        self.data = folder / "scans"
        self.data.mkdir()
        self.runs_file = folder / "runs"
        self.runs_file.touch()
        self._started: list[subprocess.Popen[str]] = []
        slice_file = folder / "slice.tiff"
        picture = np.random.default_rng(1).random((SIZE, SIZE), dtype=np.float32)
        tifffile.imwrite(slice_file, picture)
        self.env = {
            **os.environ,
            "REPLAY_RUNS": str(self.runs_file),
            "REPLAY_SLICE": str(slice_file),
            "REPLAY_STDOUT": str(self._recorded("stdout", STDOUT, shared_data)),
            "REPLAY_STDERR": str(self._recorded("stderr", STDERR, shared_data)),
            "PYTHONWARNINGS": "error",
        }

    def _recorded(self, stream: str, invented: str, shared_data: Path | None) -> Path:
        if shared_data is not None:
            return shared_data / "tomocupy" / f"tooth_full_parzen.{stream}.txt"
        file = self.folder / stream
        file.write_text(invented, encoding="utf-8")
        return file

    def scans(self, *names: str, cor_px: float | None = 7.5) -> list[Path]:
        """Scans of two rows, each with a COR in the folder's CSV."""
        paths = [write_scan(self.data / name) for name in names]
        if cor_px is not None:
            with (self.data / "batch_cor_values.csv").open("w", encoding="utf-8", newline="") as file:
                names = sorted(path.name for path in self.data.glob("*.h5"))
                csv.writer(file).writerows([("Filename", "COR"), *((name, cor_px) for name in names)])
        return paths

    def command(self, *arguments: object) -> list[str]:
        return [str(TOMOBATCH), *map(str, arguments)]

    def cli(self, *arguments: object, timeout_s: float = 90, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *arguments: object, **env: str) -> Program:
        """Start the command line and go on."""
        return self.popen(self.command(*arguments), **env)

    def drive(
        self,
        folder: object,
        *die_at: object,
        machine: str = "Local",
        engine: object = ENGINE,
        seconds: str = "0",
        **timing: object,
    ) -> Program:
        """Start a Full by a small driver: with other timing, or a death at a named point."""
        what = [machine, str(folder), str(engine), json.dumps(timing), *map(str, die_at)]
        return self.popen([sys.executable, str(DRIVER), *what], REPLAY_SECONDS=seconds)

    def popen(self, command: list[str], **env: str) -> Program:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started = subprocess.Popen(command, env=self.env | env, start_new_session=True, **pipes)
        self._started.append(started)
        return started

    def clean_up(self) -> None:
        """No program and no engine that a failed test left running may outlive it."""
        for started in self._started:
            if started.poll() is None:
                started.kill()
                # shown with a test that failed
                print(*started.communicate(), sep="\n")
        for pid in self.engine_pids():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def run_full(self, *arguments: object, gpus: int = 4, **env: str) -> subprocess.CompletedProcess[str]:
        """`tomobatch run full` with the replaying engine."""
        return self.cli("run", "full", self.data, *self.engine(gpus), *arguments, **env)

    @staticmethod
    def engine(gpus: int = 4) -> list[object]:
        return ["--engine-command", ENGINE, "--gpus", gpus]

    def jobs(self) -> dict[str, dict]:
        """The last job of each scan, by the scan's name."""
        answer = self.cli("jobs", "--json")
        assert answer.returncode == 0, answer.stderr
        return {Path(job["file"]).name: job for job in json.loads(answer.stdout)}

    def states(self) -> dict[str, str]:
        return {name: job["state"] for name, job in self.jobs().items()}

    def rows(self) -> dict[str, JobRow]:
        """The last job of each scan as the journal has it just now, by the scan's name; much cheaper."""
        journal = Journal(host_state_folder() / "journal")
        try:
            return {row.job.file_name: row for row in journal.rows()}
        finally:
            journal.close()

    def is_now(self, name: str, *states: JobState) -> bool:
        """Whether the last job of a scan is in one of these states."""
        row = self.rows().get(name)
        return row is not None and row.state in states

    def runs(self, word: str = "begin") -> Counter[str]:
        """How often the engine began (or ended) each scan, as the engine itself counted."""
        lines = (line.split() for line in self.runs_file.read_text().splitlines())
        return Counter(line[1] for line in lines if line[0] == word)

    def engine_pids(self) -> list[int]:
        lines = (line.split() for line in self.runs_file.read_text().splitlines())
        return [int(line[2]) for line in lines if line[0] == "begin"]

    def result(self, name: str) -> Path:
        return self.folder / "scans_rec" / f"{name.removesuffix('.h5')}_rec"


def write_scan(path: Path, rows: int = 2, angles: int = 6) -> Path:
    """A small whole DXchange scan."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["exchange/data"] = rng.integers(500, 900, (angles, rows, SIZE), dtype=np.uint16)
        file["exchange/data_white"] = np.full((2, rows, SIZE), 1000, np.uint16)
        file["exchange/data_dark"] = np.full((2, rows, SIZE), 10, np.uint16)
        file["exchange/theta"] = np.linspace(0, 180, angles)
    return path


def events_of(text: str) -> list[dict]:
    """Events that `run --json` printed."""
    return [json.loads(line) for line in text.splitlines()]


def wait_until(true, timeout_s: float = 45) -> None:
    until = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def fill(disk: Path) -> Path:
    """Fill a small disk to its last byte; gives the file that does."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return filler


def alive(pid: int) -> bool:
    fields = _stat(Path(f"/proc/{pid}"))
    return fields is not None and fields[0] != "Z"


def group_alive(group: int) -> bool:
    stats = [_stat(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return any(int(fields[2]) == group and fields[0] != "Z" for fields in stats if fields)


def _stat(process: Path) -> list[str] | None:
    """State, parent and group of a process."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
