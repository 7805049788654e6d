"""What the wrapper is given and what it writes, as text; its doings are tested in tests/machines."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from tomobatch.machines import wrapper
from tomobatch.machines.base import Command, Graces, Handle, OutcomeKind


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_key_has_a_lock_file_of_its_own(one, other):
    folder = PurePosixPath("/run/lock")
    files = [wrapper.lock_file(folder, key) for key in (one, other)]
    assert (files[0] == files[1]) == (one == other)
    assert all(file.parent == folder and file.name.startswith("tomobatch-") for file in files)


@given(st.binary())
def test_what_strangers_say_of_themselves_is_one_short_printable_line(text):
    line = wrapper.one_line(text)
    assert len(line) <= 200
    assert line == "" or line.isprintable()


@given(st.binary())
def test_records_of_any_content_are_read_or_refused(text):
    assert wrapper.parse_claim(b"claim " + text, PurePosixPath("/x")) is None or len(text.split()) == 2
    assert wrapper.parse_engine(text) is None or re.fullmatch(rb"\s*\d+\s+\d+\s*\n", text)


def test_an_engine_file_is_believed_when_it_is_whole():
    assert wrapper.parse_engine(b"12 345\n") == wrapper.Engine(12, 345)
    for part in (b"", b"1", b"12 34", b"12 345", b"a b\n"):
        assert wrapper.parse_engine(part) is None


def test_a_status_counts_when_it_is_whole():
    assert wrapper.whole_status(b"kind exited\nend\n" + b" " * 4000) == b"kind exited"
    for part in (
        b"",
        b" " * 4096,
        b"kind exited\n" + b" " * 4000,
        b"\0" * 4096,
        b"status 0\nend\n",
    ):
        assert wrapper.whole_status(part) == b""


def judged(status):
    handle = wrapper.parse_claim(b"boot 1 2\n", PurePosixPath("/x"))
    return wrapper.judge(wrapper.Snapshot(handle, "boot", False, status, None, None, (), 1000.0)).outcome


def test_a_reason_may_hold_line_breaks():
    status = (
        b"kind could-not-start\nstatus 81\nengine_start \nended_cs 500\nsteps \nswept 0\nleft \n"
        b"why The folder /a\nwhy b cannot be entered."
    )
    outcome = judged(status)
    assert outcome.why == "The folder /a\nwhy b cannot be entered."
    assert (outcome.kind, outcome.started_s, outcome.duration_s) == (OutcomeKind.COULD_NOT_START, None, None)


def test_sentences_name_what_was_seen():
    status = b"kind exited\nstatus %s\nengine_start 100\nended_cs 350\nsteps TERM\nswept 1\nleft 7 8\nwhy "
    outcome = judged(status % b"192")
    assert outcome.signal == 64
    assert outcome.duration_s == 2.5
    assert outcome.why == (
        "The program was ended by SIGRTMAX from outside or by its own fault. "
        "It left 1 process behind, which had to be ended. Not even SIGKILL ended processes 7, 8."
    )
    assert "signal 100" in judged(status % b"228").why


def test_the_arguments_say_all_that_the_wrapper_needs():
    command = Command(("prog", "-x"), {"A": "b c"}, None, "GPU-1", "two\nlines")
    lock = wrapper.lock_file(PurePosixPath("/run/lock"), command.lock_key)
    rest = ("200", "500", "1500", "/jobs/1", "1", "A=b c", "prog", "-x")
    for lock_given, word in ((False, ""), (True, "given")):
        given_arguments = wrapper.arguments(
            command, PurePosixPath("/jobs/1"), lock, Graces(2, 5, 15), lock_given=lock_given
        )
        assert given_arguments == ["/jobs/1", "/run/lock/tomobatch-GPU-1.lock", word, "two", "", *rest]
    bells = PurePosixPath("/bells")
    without = wrapper.arguments(command, PurePosixPath("/jobs/1"), None, Graces(2, 5, 15), bells=bells)
    assert without == ["/jobs/1", "", "", "two", "/bells", *rest]


def test_a_claim_counts_when_its_line_is_whole():
    folder = PurePosixPath("/x")
    assert wrapper.parse_claim(b"boot 12 345\n", folder) == Handle(folder, "boot", 12, 345)
    for part in (b"", b"boot", b"boot 12 34", b"boot 12 345"):
        assert wrapper.parse_claim(part, folder) is None
