from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Command, Handle, Outcome, OutcomeKind


@pytest.mark.parametrize(
    "wrong",
    [
        {"argv": ()},
        {"argv": ("true", "a\0b")},
        {"argv": ("true",), "env": {"a b": ""}},
        {"argv": ("true",), "env": {"1A": ""}},
        {"argv": ("true",), "env": {"A;id": ""}},
        {"argv": ("true",), "env": {"Ä": ""}},
        {"argv": ("true",), "env": {"A": "\0"}},
        {"argv": ("true",), "cwd": "a\0b"},
        {"argv": ("true",), "holder": "a\0b"},
    ],
)
def test_commands_that_no_shell_could_run_are_refused(wrong):
    with pytest.raises(TomoBatchError) as caught:
        Command(**wrong)
    assert caught.value.code == "bad-command"


def test_handles_and_outcomes_survive_a_journal():
    handle = Handle(PurePosixPath("/state/jobs/\udcff é\n/1"), "boot", 12, 345)
    outcome = Outcome(OutcomeKind.STOPPED, "why", None, 9, 1.5, 2.5, 3, (4, 5))
    assert Handle.from_json(json.loads(json.dumps(handle.to_json()))) == handle
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome
