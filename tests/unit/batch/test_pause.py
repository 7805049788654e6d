"""Who is told that the queue is paused, whichever process did it."""

from tomobatch.batch.journal import Journal
from tomobatch.batch.pause import Pause


def test_a_pause_that_another_process_set_is_told_once(journal):
    told, pause, other = [], Pause(journal), Journal(journal.folder)
    pause.listeners.append(told.append)
    assert not pause.look()
    other.set_pause("Paused by ada at 14:02.")
    assert [pause.look(), pause.look()] == [True, True]
    other.set_pause(None)
    assert not pause.look()
    other.close()
    assert told == ["Paused by ada at 14:02.", ""]
