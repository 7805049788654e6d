"""What is kept of a COR that an engine found."""

from types import SimpleNamespace

from tomobatch.batch.ending import Ending
from tomobatch.batch.judging import _with_found_cor
from tomobatch.batch.states import JobState
from tomobatch.errors import TomoBatchError
from tomobatch.recon.progress import Progress

GOOD = Ending(JobState.COMPLETE, "", "200 of 200 candidates.")


def run(doubt=""):
    return SimpleNamespace(row="row", progress=Progress(found_cor_px=48.25, cor_doubt=doubt))


async def test_a_sure_cor_is_kept():
    kept = []
    services = SimpleNamespace(keep_cor=lambda row, cor_px: kept.append((row, cor_px)))
    ending = await _with_found_cor(services, run(), GOOD, 48.25)
    assert kept == [("row", 48.25)]
    assert ending.note == "COR 48.25 was found. 200 of 200 candidates."


async def test_an_unsure_cor_is_told_and_not_kept():
    kept = []
    services = SimpleNamespace(keep_cor=lambda *found: kept.append(found))
    ending = await _with_found_cor(services, run("two scores differ"), GOOD, 48.25)
    assert kept == []
    assert ending.state is JobState.COMPLETE
    assert "unsure (two scores differ)" in ending.note


async def test_a_result_is_complete_even_if_its_cor_cannot_be_kept():
    def refuse(*_):
        raise TomoBatchError("cor-table-busy", "The table is busy.")

    ending = await _with_found_cor(SimpleNamespace(keep_cor=refuse), run(), GOOD, 48.25)
    assert ending.state is JobState.COMPLETE
    assert ending.note == "COR 48.25 was found, but not kept: The table is busy."
