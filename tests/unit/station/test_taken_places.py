"""No job is made whose result would replace that of another scan."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.scan_aid import LAYOUT
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.recon.request import ScanFile as Then
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.station.preparing import prepare
from tomobatch.workspace import ScanRow

CPU = (Engine(EngineKind.CPU, ("tomobatch", "recon"), "1"), EMBEDDED_OFFER)
SCAN = Path("/d/scans/a.h5")


def row(made_of):
    """A scan beside whose place there is a Try, made of a file of that name."""
    then = Then(str(SCAN.with_name(made_of)), 1, 1, 1)
    there = Result(Kind.TRY, str(final_place(SCAN, Kind.TRY)), ResultState.STALE, 2, 2, scan=then)
    file = ScanFile(SCAN, 1, 1, 1, 1, 0.0)
    return ScanRow(Scan(file, ScanState.READY, "", LAYOUT), None, (there,))


@pytest.mark.parametrize("made_of", ["a.h5", "b.h5"])
def test_its_own_result_is_replaced(made_of):
    assert prepare(Kind.TRY, row(made_of), "Local", CPU, {}).job.path == str(SCAN)


def test_that_of_a_scan_whose_name_is_the_same_to_the_disk_is_not():
    with pytest.raises(TomoBatchError, match=r"holds the Try of A\.h5, and that of a\.h5") as refused:
        prepare(Kind.TRY, row("A.h5"), "Local", CPU, {})
    assert refused.value.code == "place-taken"
    # Without a receipt nobody knows whose it is.
    unknown = row("A.h5")
    unknown = replace(unknown, results=(replace(unknown.results[0], scan=None),))
    assert prepare(Kind.TRY, unknown, "Local", CPU, {})
