"""Banners: which is shown, for how long, and that none hides what matters more."""

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from tomobatch.desktop import notices as module
from tomobatch.desktop.notices import ERROR, INFO, MOST_WAITING, WARNING, Notices


@pytest.fixture
def notices():
    application = QCoreApplication.instance() or QCoreApplication([])
    assert application
    return Notices()


def shown(notices):
    """All banners in their turn."""
    seen = []
    while notices.text:
        seen.append((notices.kind, notices.text))
        notices.dismiss()
    return seen


def test_errors_come_before_warnings(notices):
    for kind, text in [(WARNING, "w1"), (ERROR, "e1"), (WARNING, "w2"), (ERROR, "e2")]:
        notices.say(kind, text)
    assert notices.waiting == 3
    assert shown(notices) == [(ERROR, "e1"), (ERROR, "e2"), (WARNING, "w1"), (WARNING, "w2")]


def test_the_newest_information_is_seen_at_once_though_something_else_was_not_read(notices):
    for kind, text in [(ERROR, "e1"), (INFO, "1 saved"), (INFO, "2 saved")]:
        notices.say(kind, text)
    assert shown(notices) == [(INFO, "2 saved"), (ERROR, "e1")]


def test_no_information_stands_before_something_newer_that_is_wrong(notices):
    for kind, text in [(INFO, "saved"), (WARNING, "w1")]:
        notices.say(kind, text)
    assert shown(notices) == [(WARNING, "w1")]


def test_each_sentence_is_shown_once_and_told_each_time(notices):
    told = []
    notices.said.connect(lambda kind, text: told.append((kind, text)))
    notices.say(ERROR, "e")
    notices.say(ERROR, "e")
    assert told == [(ERROR, "e")] * 2
    assert shown(notices) == [(ERROR, "e")]


def test_an_information_goes_by_itself_and_an_error_stays(notices, monkeypatch):
    monkeypatch.setattr(module, "FADE_MS", 10)
    quick = Notices()
    quick.say(ERROR, "e")
    quick.say(INFO, "saved")
    assert quick.text == "saved"
    wait_ms(60)
    assert quick.text == "e"
    wait_ms(60)
    assert quick.text == "e"


def wait_ms(time_ms):
    loop = QEventLoop()
    QTimer.singleShot(time_ms, loop.quit)
    loop.exec()


def test_a_flood_does_not_fill_the_memory(notices):
    for number in range(10 * MOST_WAITING):
        notices.say(WARNING, f"w{number}")
    assert len(shown(notices)) == MOST_WAITING


def test_a_question_changes_in_its_place_and_is_withdrawn(notices):
    done = []
    notices.say(WARNING, "w1")
    notices.ask(
        "a", WARNING, "3 wait", {"Wait": lambda: done.append("wait"), "Move": lambda: done.append("move")}
    )
    notices.say(WARNING, "w2")
    logged = []
    notices.said.connect(lambda kind, text: logged.append(text))
    notices.ask("a", WARNING, "2 wait", {"Wait": lambda: done.append("wait 2")})
    assert logged == []
    notices.dismiss()
    assert (notices.text, notices.actions, notices.waiting) == ("2 wait", ["Wait"], 1)
    notices.act("Move")
    assert (notices.text, done) == ("2 wait", [])
    notices.act("Wait")
    assert (notices.text, done) == ("w2", ["wait 2"])
    notices.act("Wait")
    assert done == ["wait 2"]
    notices.ask("a", ERROR, "lost", {})
    notices.withdraw("a")
    notices.withdraw("a")
    assert shown(notices) == [(WARNING, "w2")]
