"""What is asked before a batch."""

from dataclasses import replace
from pathlib import Path

import pytest

from tomobatch.config.places import worker_program
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop.question import MOST_LISTED, lines_of, listed, options_for, plan_run, title_of
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import ScanState
from tomobatch.station.preparing import AUTO_COR, prepare
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace

CPU = (Engine(EngineKind.CPU, ("tomobatch",)), EMBEDDED_OFFER)
TOMOCUPY = (Engine(EngineKind.TOMOCUPY, ("tomocupy",)), Offer(EMBEDDED_OFFER.recon))
SLICE_BYTES = 64 * 64 * 4 + 4096


@pytest.fixture
async def scans(tmp_path):
    """Three scans of 64 columns and 16 rows; the first has a COR that was typed."""
    folder = tmp_path / "scans"
    write_demo_scans(folder, scans=3, size=64)
    worker = Worker(worker_program())
    workspace = Workspace(folder, worker)
    workspace.cors.set_cors({"demo_0001.h5": 30.0}, CorSource.TYPED)
    yield await workspace.load()
    await worker.close()


async def test_a_full_is_refused_where_there_is_no_cor_and_the_scans_are_kept_for_a_try(scans):
    plan = await plan_run(Kind.FULL, scans, "Local", CPU, set())
    assert [row.scan.file.name for row, _ in plan.ready] == ["demo_0001.h5"]
    assert [row.scan.file.name for row in plan.without_cor] == ["demo_0002.h5", "demo_0003.h5"]
    assert all("has no COR" in sentence for sentence in plan.refused)
    assert title_of(plan) == "Run Full on 1 scan?"
    assert plan.disk_bytes == 16 * SLICE_BYTES


async def test_a_try_of_a_scan_without_cor_finds_it_by_the_embedded_engine_alone(scans):
    plan = await plan_run(Kind.TRY, scans, "Local", CPU, set())
    found = [prepared.job.request["options"] for _, prepared in plan.ready]
    assert found == [{}, {"rotation-axis-auto": "auto"}, {"rotation-axis-auto": "auto"}]
    lines = lines_of(plan, ["On Local."], 0, None)
    assert "2 without a COR: it is looked for first, and the Try lies around it." in lines
    plan = await plan_run(Kind.TRY, scans, "Local", TOMOCUPY, set())
    assert [dict(prepared.job.request["options"]) for _, prepared in plan.ready] == [{}, {}, {}]
    lines = lines_of(plan, ["On Local."], 0, None)
    assert "2 without a COR: the Try lies around the middle of the detector." in lines


async def test_a_cor_that_an_engine_found_may_be_looked_for_again_and_a_typed_one_not(scans):
    wish = {AUTO_COR: "auto"}
    found = replace(scans[0], cor=CorEntry(30.0, CorSource.AUTOMATIC, 0.0))
    assert prepare(Kind.TRY, found, "Local", CPU, wish).job.request["options"] == wish
    typed = prepare(Kind.TRY, scans[0], "Local", CPU, wish)
    assert typed.job.request["options"] == {}
    assert typed.notes == ("demo_0001.h5: its COR 30 (typed) is used.",)


async def test_a_try_without_a_cor_starts_from_the_middle(scans):
    prepared = prepare(Kind.TRY, scans[1], "Local", CPU, {})
    assert prepared.job.request["cor_source"] == "middle"
    assert prepared.notes == ("demo_0002.h5 has no COR: its Try starts from the middle.",)


async def test_what_waits_or_runs_is_not_asked_for_twice(scans):
    busy = {(str(scans[0].scan.file.path), Kind.TRY)}
    plan = await plan_run(Kind.TRY, scans, "Local", CPU, busy)
    assert len(plan.ready) == 2
    assert plan.refused == ["demo_0001.h5 is not queued again: its Try waits or runs already."]


async def test_options_that_people_set_reach_the_job_and_the_forecast(scans):
    wish = {"binning": 1, "save-format": "h5nolinks"}
    plan = await plan_run(Kind.FULL, scans[:1], "Local", CPU, set(), lambda _: wish)
    ((_, prepared),) = plan.ready
    assert prepared.job.request["options"] == wish
    # 8 rows of 32 × 32 pixels, in one file.
    assert prepared.disk_bytes < 8 * SLICE_BYTES / 3


async def test_a_scan_that_is_not_ready_is_refused_with_its_reason(scans):
    broken = replace(
        scans[0], scan=replace(scans[0].scan, state=ScanState.UNREADABLE, reason="It is cut off.")
    )
    plan = await plan_run(Kind.TRY, [broken], "Local", CPU, set())
    assert plan.ready == []
    assert plan.refused == ["demo_0001.h5 is Unreadable: It is cut off."]
    # A Try would help none but those without a COR.
    assert (await plan_run(Kind.FULL, [broken], "Local", CPU, set())).without_cor == []


async def test_results_that_would_be_replaced_and_hidden_rows_are_counted(scans):
    done = replace(scans[0], results=(Result(Kind.FULL, "/x", ResultState.COMPLETE, 16),))
    plan = await plan_run(Kind.FULL, [done], "Local", CPU, set())
    assert lines_of(plan, ["On Local.", "Binning 1."], 2, 10**12) == [
        "demo_0001.h5",
        "On Local.",
        "Binning 1.",
        "Needs 327.7 kB; 1.0 TB are free.",
        "1 complete Full result is replaced when the new one is complete.",
        "2 of the selected rows are hidden by the filter.",
    ]
    plan = await plan_run(Kind.FULL, [done], "Local", CPU, set(), keep=lambda _: True)
    assert "1 complete Full result is kept beside the new one." in lines_of(plan, [], 0, None)
    assert plan.ready[0][1].job.request["keep"]
    assert "but only 1.0 kB are free!" in lines_of(plan, [], 0, 1000)[1]
    foreign = replace(scans[0], results=(Result(Kind.FULL, "/x", ResultState.ELSEWHERE, 16),))
    plan = await plan_run(Kind.FULL, [foreign], "Local", CPU, set())
    assert plan.is_to_be_asked
    assert "1 Full result that was made elsewhere: replaced in the same way." in lines_of(plan, [], 0, None)
    partly = replace(scans[0], results=(Result(Kind.FULL, "/x", ResultState.INCOMPLETE, 3),))
    assert not (await plan_run(Kind.FULL, [partly], "Local", CPU, set())).is_to_be_asked


async def test_the_first_scans_are_named_plainly(scans):
    plan = await plan_run(Kind.TRY, scans, "Local", CPU, set())
    assert lines_of(plan, [], 0, None)[0] == "demo_0001.h5, demo_0002.h5, demo_0003.h5"
    odd = replace(scans[0].scan, file=replace(scans[0].scan.file, path=Path("/scans/a\nb.h5")))
    plan.ready += [(replace(scans[0], scan=odd), plan.ready[0][1])] * 2
    assert lines_of(plan, [], 0, None)[0] == "demo_0001.h5, demo_0002.h5, demo_0003.h5 and 2 more"
    plan.ready[:3] = []
    assert lines_of(plan, [], 0, None)[0] == "a\\nb.h5, a\\nb.h5"


def test_a_cor_that_is_there_is_not_looked_for(scans):
    assert options_for(Kind.TRY, scans[0], CPU[0]) == {}


def test_a_full_never_looks_for_a_cor(scans):
    assert options_for(Kind.FULL, scans[1], CPU[0]) == {}


def test_of_ten_thousand_refusals_as_many_are_listed_as_can_be_drawn_at_once():
    refused = [f"scan_{number}.h5 has no COR." for number in range(10_000)]
    assert listed(refused) == [*refused[:MOST_LISTED], f"… and {10_000 - MOST_LISTED} more."]
    assert listed(refused[:MOST_LISTED]) == refused[:MOST_LISTED]
