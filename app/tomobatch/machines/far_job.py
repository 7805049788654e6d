"""What the far side says of a job, and how a command is put for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tomobatch.machines import wrapper
from tomobatch.machines.base import Command, Finding, Handle
from tomobatch.machines.reply import Reply
from tomobatch.machines.shell_text import ENVIRONMENT

if TYPE_CHECKING:
    from tomobatch.machines.far_side import Facts


def host_id(facts: Facts) -> str:
    """What is written down with a job: which boot of which host; nothing where that host does not say."""
    return f"{facts.boot_id} {facts.host_id}" if facts.host_id else ""


def is_another(host: str, facts: Facts) -> bool:
    """Whether a host is another one than was written down, not only started anew or called otherwise.

    One home may be shared by many hosts: what lies there does not tell on which of them a job runs.
    """
    boot_id, _, which = host.partition(" ")
    return bool(which) and bool(facts.host_id) and boot_id != facts.boot_id and which != facts.host_id


def words(argv: Sequence[str], env: Mapping[str, str], environment: str) -> list[str]:
    """Arguments of ``environment.sh``: the environment, the variables, the program."""
    return [environment, str(len(env)), *(f"{name}={value}" for name, value in env.items()), *map(str, argv)]


def in_environment(command: Command, environment: str) -> Command:
    """The same command, run in the environment of a machine."""
    if not environment:
        return command
    inner = words(command.argv, command.env, environment)
    # the variables come last: one of them may hide the shell, or be set by the environment
    return replace(command, argv=("sh", "-c", ENVIRONMENT, "TomoBatch", *inner), env={})


def judge(reply: Reply, handle: Handle | None, boot_id: str) -> Finding:
    """Where a claimed job stands; the handle is None where its claim is damaged."""
    engine = wrapper.parse_engine(reply.body("engine") or b"")
    holder = reply.body("holder")
    began_s = reply.value("began")
    return wrapper.judge(
        wrapper.Snapshot(
            handle=handle,
            boot_id=boot_id,
            wrapper_lives=reply.value("lives") == "yes",
            status=wrapper.whole_status(reply.body("status") or b""),
            engine=engine,
            holder=None if holder is None else wrapper.one_line(holder),
            engine_group=pids_in(reply),
            started_s=float(began_s) if began_s and began_s.isdecimal() else None,
        )
    )


def pids_in(reply: Reply) -> tuple[int, ...]:
    """Living members of the program's group, as far as they were asked for."""
    words = (word for text in reply.values("members") for word in text.split())
    return tuple(int(word) for word in words if word.isdecimal())
