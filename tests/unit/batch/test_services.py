"""Who is told about jobs."""

from pathlib import Path
from types import SimpleNamespace

from tomobatch.batch.events import EventKind
from tomobatch.batch.services import Services


def test_a_listener_whose_reader_has_gone_is_told_no_more_and_the_others_are():
    told, tries = [], []

    def gone(event):
        tries.append(event)
        raise BrokenPipeError

    nothing = SimpleNamespace()
    services = Services(
        journal=nothing, machines={}, judging=nothing, looking=nothing, jobs_folder=Path("/jobs"),
        share=dict, keep_cor=print, listeners=[gone, told.append], user="ada",
    )  # fmt: skip
    services.tell(EventKind.MESSAGE, None, "first")
    services.tell(EventKind.MESSAGE, None, "second")
    assert len(tries) == 1
    assert [event.message for event in told] == ["first", "second"]
