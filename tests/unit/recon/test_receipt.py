import json
from dataclasses import asdict
from pathlib import Path

import h5py
import pytest

from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import (
    RECEIPT_ATTRIBUTE,
    RECEIPT_FILE,
    RunFacts,
    make_receipt,
    parse_receipt,
    read_receipt,
    write_receipt,
)

FACTS = RunFacts(("tomobatch", "recon", "--binning=1"), "tomo1", "GPU 1 (GPU-5c)", 1000.0, 1002.5)
H5 = "--save-format=h5nolinks"


@pytest.fixture
def receipt(ask):
    return make_receipt(ask(Kind.FULL, "--binning=1"), FACTS, "2 of 2 slices, all readable.")


def test_a_receipt_says_what_the_result_was_made_with(receipt, scan):
    plain = json.loads(receipt.to_json())
    assert plain["schema"] == 1
    assert plain["options"] == {"binning": 1}
    assert plain["engine"] == {"kind": "cpu", "program": ["/opt/tomobatch"], "version": "1.0"}
    assert plain["run"]["command"][-1] == "--binning=1"
    assert (plain["run"]["machine"], plain["run"]["slot"]) == ("tomo1", "GPU 1 (GPU-5c)")
    assert plain["scan"]["inode"] == scan.stat().st_ino
    assert plain["check"] == "2 of 2 slices, all readable."
    assert plain["slice_shape"] == [8, 8]
    assert plain["files"] == ["recon_00000.tiff", "recon_00001.tiff"]


def test_run_facts_survive_json():
    assert RunFacts.from_dict(json.loads(json.dumps(asdict(FACTS)))) == FACTS


def test_a_receipt_in_a_folder(receipt, tmp_path):
    write_receipt(tmp_path, receipt)
    assert read_receipt(tmp_path) == receipt
    assert [path.name for path in tmp_path.glob("*tomobatch*")] == [RECEIPT_FILE]


def test_a_receipt_in_a_volume(ask, make_outputs):
    request = ask(Kind.FULL, H5)
    path = make_outputs(request) / "recon.h5"
    receipt = make_receipt(request, FACTS, "good")
    # A long command does not fit where HDF5 keeps small attributes.
    assert len(receipt.to_json()) < 65536
    write_receipt(path, receipt)
    assert read_receipt(path) == receipt
    long = parse_receipt(json.dumps(dict(receipt.plain) | {"check": "x" * 200_000}))
    write_receipt(path, long)
    assert read_receipt(path) == long


def test_no_receipt(tmp_path):
    assert read_receipt(tmp_path) is None
    assert read_receipt(tmp_path / "missing") is None
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["title"] = "made elsewhere"
    assert read_receipt(tmp_path / "a.h5") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        '{"schema": 1}',
        '{"schema": 1, "files": 3, "job": 1}',
        '{"schema": 1, "files": ["a"], "job": "j", "cor_px": "x", "cor_source": "", "scan": {}}',
        b"\xff\xfe\x00\x01",
    ],
)
def test_receipts_of_strangers_are_none(text, tmp_path):
    data = text if isinstance(text, bytes) else text.encode()
    assert parse_receipt(data) is None
    (tmp_path / RECEIPT_FILE).write_bytes(data)
    assert read_receipt(tmp_path) is None


def test_a_receipt_of_another_schema_is_none(receipt):
    assert parse_receipt(json.dumps(dict(receipt.plain) | {"schema": 2})) is None


def test_a_folder_in_place_of_the_receipt_is_none(tmp_path):
    (tmp_path / RECEIPT_FILE).mkdir()
    assert read_receipt(tmp_path) is None


@pytest.mark.parametrize("value", [3, b"{", "{}"])
def test_an_attribute_of_a_stranger_is_none(tmp_path, value):
    path = Path(tmp_path / "a.h5")
    with h5py.File(path, "w") as file:
        file.attrs[RECEIPT_ATTRIBUTE] = value
    assert read_receipt(path) is None
