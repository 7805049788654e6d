"""What may stand in the fields of a machine: each check gives a sentence, empty where all is well."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

LOCAL = "Local"
ANY = "Any machine"
MOST_GPUS = 8
MOST_LETTERS = 40
# Those that OpenSSH refuses too, since a configuration may put the name into a command, and patterns.
_NO_HOST = frozenset("'`\"$\\;&<>|(){},*?!#")
ENGINE_WORDS = ("auto", "tomocupy", "cpu")


def name_problem(name: str, others: Collection[str] = ()) -> str:
    """Why a machine cannot be called so beside `others`."""
    if not name.strip():
        return "The machine needs a name."
    if not name.isprintable() or name != name.strip():
        return "The name holds characters that cannot be seen: type it again."
    if len(name) > MOST_LETTERS:
        return f"The name is too long: {MOST_LETTERS} characters at most."
    if name.casefold() == ANY.casefold():
        return f"“{ANY}” stands for all machines together: choose another name."
    if name.casefold() in (other.casefold() for other in others):
        return f"There is a machine {name} already: choose another name."
    return ""


def host_problem(host: str) -> str:
    """Why this cannot be an SSH alias, a host or ``user@host``."""
    if not host:
        return "Give the SSH alias or the host: what you would type after ssh."
    if host.startswith("-"):
        return "A host cannot begin with “-”: SSH would take it for an option."
    if not host.isprintable() or " " in host:
        return "A host holds no blanks and nothing that cannot be seen."
    user, _, name = host.rpartition("@")
    if not _NO_HOST.isdisjoint(name) or not (_NO_HOST - {"\\", "#"}).isdisjoint(user):
        return "A host holds none of the characters that a shell or SSH takes for more than themselves."
    return ""


def gpus_problem(gpus: int) -> str:
    """Why a machine cannot have so many GPUs."""
    return "" if 1 <= gpus <= MOST_GPUS else f"GPUs: 1 to {MOST_GPUS}."


def environment_problem(text: str) -> str:
    """Why this cannot be run before each command."""
    if all(letter.isprintable() or letter in "\n\t" for letter in text):
        return ""
    return "The environment holds characters that cannot be seen: type it again."


def engine_problem(engine: str) -> str:
    """Why this names no engine."""
    if engine in ENGINE_WORDS:
        return ""
    if not engine:
        return "Give the program’s path on that machine, such as /opt/tomo/bin/tomocupy."
    return path_problem(engine)


def path_problem(path: str) -> str:
    """Why this cannot be the path of a folder or a program."""
    if not path:
        return "A path is missing."
    if not path.startswith("/"):
        return f"{_said(path)} must be a whole path, from / on."
    if not path.isprintable():
        return f"{_said(path)} holds characters that cannot be seen: type it again."
    if ".." in PurePosixPath(path).parts:
        return f"{_said(path)}: write the path without “..”."
    return ""


def pairs_problem(pairs: Sequence[tuple[str, str]]) -> str:
    """Why these folders (here, there) cannot be told from one another, or are none."""
    for pair in pairs:
        if problem := next(filter(None, map(path_problem, pair)), ""):
            return problem
    for place, side in enumerate(("here", "there")):
        names = [PurePosixPath(pair[place]) for pair in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            return f"{twice} stands twice among the folders {side}."
    return ""


def _said(path: str) -> str:
    text = path.encode("unicode_escape").decode("ascii") if not path.isprintable() else path
    return f"“{text}”"
