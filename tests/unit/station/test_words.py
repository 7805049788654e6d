"""Quantities as people read them."""

import time

import pytest

from tomobatch.station.words import cor_text, duration_text, ordinal, pause_text, size_text, without_name


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (15e9, "15.0 GB"),
        (1.8e12, "1.8 TB"),
        (2e15, "2000.0 TB"),
    ],
)
def test_sizes(size_bytes, text):
    assert size_text(size_bytes) == text


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [
        (-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (192, "3 min 12 s"), (600, "10 min"),
        (659, "10 min"), (3599, "59 min"), (4200, "1 h 10 min"), (90_000, "25 h 0 min"),
    ],
)  # fmt: skip
def test_durations(duration_s, text):
    assert duration_text(duration_s) == text


@pytest.mark.parametrize(
    ("cor_px", "text"),
    [(1024, "1024.00"), (1024.5, "1024.50"), (1024.125, "1024.125"), (0.00004, "0.00"), (7.12345, "7.1235")],
)
def test_cors(cor_px, text):
    assert cor_text(cor_px) == text


def test_ordinals():
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1013)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th", "1013th",
    ]  # fmt: skip


def test_who_paused_when_and_why(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert pause_text("ada", 50_520.0) == "Paused by ada at 14:02."
    assert pause_text("ada", 50_520.0, "beam is off") == "Paused by ada at 14:02: beam is off."


def test_a_name_that_stands_beside_a_sentence_is_not_said_twice():
    assert without_name("a.h5 is a folder.", "a.h5") == "Is a folder."
    assert without_name("a.h5: held.", "a.h5") == "Held."
    assert without_name("b.h5 is a folder.", "a.h5") == "b.h5 is a folder."
