"""A batch over several hosts while the program is killed and links are cut, again and again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field

from system.hosts import Hosts
from system.stand import Stand

LONGEST_S = 240.0


@dataclass
class Soak:
    """See the module's text.

    Attributes
    ----------
    done
        How often each thing was done to it.
    """

    stand: Stand
    hosts: Hosts
    kills: int
    cuts: int
    seed: int
    done: Counter[str] = field(default_factory=Counter)

    def run(self, machine: str) -> None:
        """Run a Full of all scans, whatever happens; returns when nothing runs or waits any more."""
        moments = random.Random(self.seed)
        blows = ["kill"] * self.kills + ["cut"] * self.cuts
        moments.shuffle(blows)
        program = self._start("run", "full", self.stand.data, "--machine", machine, "--json")
        until_s = time.monotonic() + LONGEST_S
        # what is killed before its jobs are in the journal leaves nothing to go on with
        while not self.stand.runs():
            assert program.poll() is None, self._said()
            time.sleep(0.02)
        for blow in blows:
            time.sleep(moments.uniform(0.05, 1.2))
            if blow == "kill":
                program = self._kill(program)
            else:
                self._cut(moments)
        program.wait(until_s - time.monotonic())
        self.done["programs' last status", program.returncode] += 1

    def _start(self, *arguments: object) -> subprocess.Popen[bytes]:
        """Start the command line; into files, since nobody reads a pipe meanwhile."""
        self.done["starts"] += 1
        with self._log("out") as out, self._log("err") as err:
            return subprocess.Popen(
                self.stand.command(*arguments),
                env=self.stand.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def _log(self, name: str):
        return (self.stand.folder / f"program-{self.done['starts']}.{name}").open("wb")

    def _said(self) -> str:
        return "".join(file.read_text() for file in sorted(self.stand.folder.glob("program-*.err")))

    def _kill(self, program: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """SIGKILL, and another program that takes up what was left."""
        if program.poll() is None:
            self.done["kills"] += 1
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        return self._start("resume", "--json")

    def _cut(self, moments: random.Random) -> None:
        host = moments.choice(self.hosts.all)
        how = moments.choice(["connections killed", "cable out", "sshd restarted"])
        if how == "cable out" and host.network is None:
            how = "connections killed"
        if how == "cable out":
            host.network.unplug()
            time.sleep(moments.uniform(0.2, 2.0))
            host.network.plug()
        elif how == "sshd restarted":
            host.server.stop()
            time.sleep(moments.uniform(0.0, 0.5))
            host.server.start()
        else:
            host.server.cut()
        self.done["cuts", how] += 1

    # -- what came of it ----------------------------------------------------------------------

    def check(self, names: list[str]) -> None:
        """Every job ran exactly once, as the jobs themselves counted, and every state is right."""
        stand = self.stand
        begun, ended, states = stand.runs("begin"), stand.runs("end"), stand.states()
        self.done["jobs begun"], self.done["jobs ended"] = sum(begun.values()), sum(ended.values())
        self.done["most begins of one job"] = max(begun.values())
        self.done.update({("state", state): count for state, count in Counter(states.values()).items()})
        print(f"\nsoak, seed {self.seed}: " + "; ".join(f"{_words(key)} {n}" for key, n in self.done.items()))
        assert begun == dict.fromkeys(names, 1), self._said()
        assert ended == dict.fromkeys(names, 1)
        assert states == dict.fromkeys(names, "complete"), self._said()
        self._check_results(names)

    def _check_results(self, names: list[str]) -> None:
        whole = ["recon_00000.tiff", "recon_00001.tiff", "tomobatch.json"]
        for name in names:
            assert sorted(file.name for file in self.stand.result(name).iterdir()) == whole
        left = [
            path.name for path in self.stand.result("x").parent.iterdir() if not path.name.endswith("_rec")
        ]
        assert [name for name in left if not name.startswith(".tomobatch")] == []


def _words(key: object) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
