"""The machines that a person has set up, kept in a readable TOML file."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import platformdirs
import tomli_w

from tomobatch.config.machine_checks import (
    ANY as ANY,
)
from tomobatch.config.machine_checks import (
    LOCAL as LOCAL,
)
from tomobatch.config.machine_checks import (
    engine_problem,
    environment_problem,
    gpus_problem,
    host_problem,
    name_problem,
    pairs_problem,
)
from tomobatch.errors import TomoBatchError

HEAD = """\
# The machines of TomoBatch, one after each [[machine]]. The window writes this file (Machines);
# it may be edited by hand, too: what the window then replaces is kept beside it.
#
# name         what it is called; no two alike. Local is this machine itself, and always there
# host         SSH alias, host, or user@host: what you would type after ssh
# gpus         how many GPUs to use, 1 to 8; left out: all that are found. What was said last counts, here,
#              in the window, or by --gpus
# environment  shell text that is run there before each command: "conda activate tomocupy"
# engine       "auto", "tomocupy", "cpu", or the path there of a program with tomocupy's command line
# in_any       whether "Any machine" may use it: true or false
# paths        folders that it has under another name: [{ here = "/data", there = "/mnt/data" }]
#
# What is left out is as it is at first.

"""

WAIT, MOVE = "wait", "move"
"""What jobs do that wait for a machine which is lost."""


class MachineKind(StrEnum):
    """How a machine is reached."""

    LOCAL = "local"
    SSH = "ssh"


USUAL_GPUS, USUAL_GPUS_HERE = 4, 1


def usual_gpus(kind: MachineKind) -> int:
    """How many GPUs a machine is taken to have before anything is known of it."""
    return USUAL_GPUS_HERE if kind is MachineKind.LOCAL else USUAL_GPUS


@dataclass(frozen=True)
class PathPair:
    """One folder under two names: as this host sees it, and as the machine does."""

    here: str
    there: str


@dataclass(frozen=True)
class MachineEntry:
    """One machine.

    Attributes
    ----------
    host
        SSH alias, host, or ``user@host``; goes to SSH unchanged. Empty for this machine.
    gpus
        How many GPUs to use; the usual number is only taken for granted until the machine was asked.
    environment
        Shell text that is run on the machine before each command: ``conda activate tomocupy``.
    engine
        ``auto``, ``tomocupy``, ``cpu``, or the path there of a program with tomocupy's command line.
    paths
        Folders that the machine has under another name.
    in_any
        Whether *Any machine* may take its GPUs.
    """

    name: str
    kind: MachineKind = MachineKind.SSH
    host: str = ""
    gpus: int = USUAL_GPUS
    environment: str = ""
    engine: str = "auto"
    paths: tuple[PathPair, ...] = ()
    in_any: bool = True

    def there(self, path: str) -> str:
        """An absolute path of this host as the machine has it; the longest folder that fits counts."""
        return _moved(path, [(pair.here, pair.there) for pair in self.paths])

    def here(self, path: str) -> str:
        """The way back of `there`."""
        return _moved(path, [(pair.there, pair.here) for pair in self.paths])

    @property
    def is_local(self) -> bool:
        """Whether it is this machine."""
        return self.kind is MachineKind.LOCAL

    def problems(self, others: Sequence[str] = ()) -> dict[str, str]:
        """What is wrong with it beside machines of other names: a sentence for each field that is."""
        local = self.is_local
        said = {
            "name": name_problem(self.name, others) or self._kind_problem(),
            "host": "" if local else host_problem(self.host),
            "gpus": gpus_problem(self.gpus),
            "environment": environment_problem(self.environment),
            "engine": engine_problem(self.engine),
            "paths": pairs_problem([(pair.here, pair.there) for pair in self.paths]),
        }
        if local and (self.host or self.environment or self.paths):
            said["host"] = "Local is this machine: it has no host, no environment and no other paths."
        return {field: sentence for field, sentence in said.items() if sentence}

    def _kind_problem(self) -> str:
        if self.is_local == (self.name == LOCAL):
            return ""
        return f"{LOCAL} is this machine, and this machine is called {LOCAL}: choose another name."


DEFAULT_MACHINES = (
    MachineEntry(LOCAL, MachineKind.LOCAL, gpus=USUAL_GPUS_HERE),
    *(MachineEntry(f"tomo{number}", host=f"tomo{number}") for number in range(1, 6)),
)


def _moved(path: str, pairs: list[tuple[str, str]]) -> str:
    if not pairs:
        return path
    whole = _normal(path)
    folders = [(_normal(from_), _normal(to)) for from_, to in pairs]
    fitting = [pair for pair in folders if whole.is_relative_to(pair[0]) and pair[1].is_absolute()]
    if not fitting:
        return path
    from_, to = max(fitting, key=lambda pair: len(pair[0].parts))
    return str(to / whole.relative_to(from_))


def _normal(path: str) -> PurePosixPath:
    """Without ``..``, which would lead out of a folder unseen, and with one slash in front."""
    return PurePosixPath(normpath(f"/{path.lstrip('/')}" if path.startswith("/") else path))


# -- the file -----------------------------------------------------------------------------


def machines_path() -> Path:
    """Where the list lies; neither the file nor its folder need be there yet."""
    return platformdirs.user_config_path("tomobatch") / "machines.toml"


def read_machines(path: Path) -> tuple[tuple[MachineEntry, ...], str]:
    """The machines, Local first, and sentences about what of the file could not be used.

    A file that is no list at all is set aside. A machine that makes no sense is left out, the others count;
    `write_machines` keeps a copy of such a file.
    """
    try:
        return machines_of(path.read_bytes())
    except FileNotFoundError:
        return DEFAULT_MACHINES, ""
    except OSError as error:
        sentence = f"The machine list {path} cannot be read ({error.strerror}); the usual machines are shown."
        return DEFAULT_MACHINES, sentence
    except ValueError as error:
        return DEFAULT_MACHINES, _set_aside(path, error)


def machines_of(content: bytes) -> tuple[tuple[MachineEntry, ...], str]:
    """The same of a file's content; ValueError where it is no machine list."""
    plain = tomllib.loads(content.decode("utf-8")).get("machine")
    if not isinstance(plain, list):
        raise ValueError("it holds no [[machine]]")  # noqa: TRY004 - the text is wrong, not a type
    found: dict[str, MachineEntry] = {}
    problems = []
    for number, values in enumerate(plain, 1):
        entry, problem = _entry_of(values, list(found))
        if entry is None:
            problems.append(_left_out(number, values, problem))
        else:
            found[entry.name] = entry
    local = found.pop(LOCAL, DEFAULT_MACHINES[0])
    return (local, *found.values()), " ".join(problems)


def _entry_of(values: Any, others: Sequence[str]) -> tuple[MachineEntry | None, str]:  # noqa: ANN401
    """A machine of the file, or why it is none."""
    try:
        entry = _typed(values)
    except (TypeError, ValueError, KeyError) as error:
        return None, error.args[0] if isinstance(error, TypeError) else "it is not complete"
    problem = next(iter(entry.problems(others).values()), "")
    return (None, problem) if problem else (entry, "")


def _typed(values: Any) -> MachineEntry:  # noqa: ANN401 - whatever a person wrote
    name = _of_type(str, values, "name")
    kind = _of_type(str, values, "kind", MachineKind.LOCAL if name == LOCAL else MachineKind.SSH)
    if kind not in set(MachineKind):
        raise TypeError(f"its kind is neither {MachineKind.LOCAL} nor {MachineKind.SSH}")
    known = MachineEntry(name)
    pairs = _of_type(list, values, "paths", [])
    return MachineEntry(
        name,
        MachineKind(kind),
        _of_type(str, values, "host", ""),
        _of_type(int, values, "gpus", usual_gpus(MachineKind(kind))),
        _of_type(str, values, "environment", ""),
        _of_type(str, values, "engine", known.engine),
        tuple(PathPair(_of_type(str, pair, "here"), _of_type(str, pair, "there")) for pair in pairs),
        _of_type(bool, values, "in_any", known.in_any),
    )


def _of_type(wanted: type, values: Any, key: str, default: Any = None) -> Any:  # noqa: ANN401
    if not isinstance(values, dict):
        raise TypeError("it is no table of keys and values")
    value = values.get(key, default)
    if type(value) is not wanted and not (wanted is str and isinstance(value, MachineKind)):
        raise TypeError(f"“{key}” is missing" if value is None else f"“{key}” is of the wrong kind")
    return value


def _left_out(number: int, values: Any, problem: str) -> str:  # noqa: ANN401
    name = values.get("name") if isinstance(values, dict) else None
    which = f"“{name}”" if isinstance(name, str) and name.isprintable() and name else f"number {number}"
    return f"The machine {which} is left out of the list: {problem.rstrip('.')}."


def _set_aside(path: Path, error: Exception) -> str:
    aside = path.with_name(f"{path.name}.broken-{time.time_ns()}")
    try:
        path.replace(aside)
    except OSError:
        return f"The machine list {path} is damaged ({error}); the usual machines are shown."
    return f"The machine list was damaged ({error}) and is kept as {aside}; the usual machines are shown."


def text_of(entries: Sequence[MachineEntry]) -> str:
    """The list as it is written."""
    return HEAD + tomli_w.dumps({"machine": list(map(_plain, entries))}, multiline_strings=True)


def _plain(entry: MachineEntry) -> Mapping[str, Any]:
    plain: dict[str, Any] = {"name": entry.name}
    if not entry.is_local:
        plain |= {"host": entry.host, "environment": entry.environment}
        plain |= {"paths": [{"here": pair.here, "there": pair.there} for pair in entry.paths]}
    if entry.gpus != usual_gpus(entry.kind):
        plain["gpus"] = entry.gpus
    return plain | {"engine": entry.engine, "in_any": entry.in_any}


def write_machines(path: Path, entries: Sequence[MachineEntry]) -> None:
    """Write the list, whole or not at all.

    What a person wrote into the file by hand (remarks, keys of another version, a machine that could not be
    read) would be lost: such a file is kept beside the new one.

    Raises
    ------
    TomoBatchError
        ``machine-entry``: a machine makes no sense beside those before it.
    OSError
        Where it cannot be written.
    """
    _refuse_nonsense(entries)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _by_hand(path):
        keep_copy(path)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text_of(entries), encoding="utf-8")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def keep_copy(path: Path) -> None:
    """Keep the list as it is now beside it; nothing to do where there is none."""
    if path.exists():
        path.with_name(f"{path.name}.before-{time.time_ns()}").write_bytes(path.read_bytes())


def _refuse_nonsense(entries: Sequence[MachineEntry]) -> None:
    names: list[str] = []
    for entry in entries:
        if problems := entry.problems(names):
            raise TomoBatchError("machine-entry", f"{entry.name}: {next(iter(problems.values()))}")
        names.append(entry.name)
    if names[:1] != [LOCAL]:
        raise TomoBatchError("machine-entry", f"{LOCAL} is always there, and the first of the machines.")


def _by_hand(path: Path) -> bool:
    """Whether there is a file that says anything beyond what would be written of it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    try:
        return text_of(machines_of(content)[0]).encode() != content
    except ValueError:
        return True
