"""Chunks that are remembered, in a file that several processes share."""

import json
import multiprocessing

import pytest

from tomobatch.batch.chunks import FILE, Chunks
from tomobatch.batch.journal_format import slot_to_text
from tomobatch.machines.slots import Slot
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile

A100 = Slot("GPU", "0", "GPU-a", "NVIDIA A100")
KEY = "NVIDIA A100 · Full · 90 × 32 × 256 · binning 0"


def request_of(rows=32, kind=EngineKind.TOMOCUPY, **options):
    engine = Engine(kind, ("tomocupy",))
    scan = ScanFile("/d/a.h5", 1, 1, 1)
    return ReconRequest("j", scan, Kind.FULL, 5.0, "typed", (90, rows, 256), options, engine, "/f", "/p")


@pytest.fixture
def chunks(tmp_path):
    return Chunks(tmp_path)


def test_half_is_remembered_for_all_gpus_of_that_make(chunks, tmp_path):
    assert chunks.of(request_of(), "tomo1", A100) == 0
    assert chunks.halve(request_of(), "tomo1", A100) == 4
    same_make = Slot("GPU", "3", "GPU-d", "NVIDIA A100")
    assert Chunks(tmp_path).of(request_of(), "tomo2", same_make) == 4
    assert chunks.of(request_of(rows=64), "tomo1", A100) == 0
    assert chunks.of(request_of(), "tomo1", Slot("GPU", "0", "GPU-a", "NVIDIA H100")) == 0


def test_a_gpu_without_a_name_is_known_by_its_place(chunks):
    chunks.halve(request_of(), "tomo1", Slot("GPU", "0"))
    assert chunks.of(request_of(), "tomo1", Slot("GPU", "0")) == 4
    assert chunks.of(request_of(), "tomo1", Slot("GPU", "1")) == 0
    assert chunks.of(request_of(), "tomo2", Slot("GPU", "0")) == 0


def test_it_never_grows_and_a_persons_own_number_stands(chunks):
    chunks.halve(request_of(), "m", Slot("GPU", "0", chunk=4))
    chunks.halve(request_of(), "m", Slot("GPU", "0"))
    assert chunks.of(request_of(), "m", Slot("GPU", "0")) == 2
    assert chunks.of(request_of(**{"nsino-per-chunk": 16}), "m", Slot("GPU", "0")) == 0
    assert chunks.of(request_of(kind=EngineKind.CPU), "m", Slot("GPU", "0")) == 0


def test_what_is_no_less_than_usual_is_nothing(chunks):
    assert chunks.halve(request_of(**{"nsino-per-chunk": 64}), "m", A100) == 32
    assert chunks.of(request_of(), "m", A100) == 0


@pytest.mark.parametrize("text", ["", "{", "[4]", '{"a": "b"}', "\xff", "[" * 100_000])
def test_a_damaged_file_is_as_good_as_none_and_is_mended(chunks, tmp_path, text):
    (tmp_path / FILE).write_text(text, encoding="latin-1")
    assert chunks.of(request_of(), "m", A100) == 0
    assert chunks.halve(request_of(), "m", A100) == 4
    assert json.loads((tmp_path / FILE).read_text()) == {KEY: 4}


@pytest.mark.parametrize("odd", [True, "4", 4.0, 0, -2, 10**9, None, [4]])
def test_an_odd_number_is_passed_over_and_the_others_stand(chunks, tmp_path, odd):
    (tmp_path / FILE).write_text(json.dumps({"x": odd, KEY: 2}))
    assert chunks.of(request_of(), "m", A100) == 2
    (tmp_path / FILE).write_text(json.dumps({KEY: odd}))
    assert chunks.of(request_of(), "m", A100) == 0


def test_a_folder_that_cannot_be_written_keeps_nobody_from_another_run(tmp_path, caplog):
    assert Chunks(tmp_path / "gone").halve(request_of(), "m", A100) == 4
    assert "chunk 4 is not remembered" in caplog.text


def note(folder, first):
    for rows in range(first, first + 25):
        Chunks(folder).halve(request_of(rows=rows), "m", A100)


def test_many_processes_lose_none_of_it(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=note, args=(tmp_path, 1 + 25 * number)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(json.loads((tmp_path / FILE).read_text())) == 100
    assert [file.name for file in tmp_path.glob("*.part")] == []


def test_the_journal_keeps_what_a_slot_gave_its_job():
    slot = Slot("GPU", "0", "GPU-a", "NVIDIA A100", 4)
    read = Slot(*json.loads(slot_to_text(slot)))
    assert (read.model, read.chunk) == ("NVIDIA A100", 4)
    # An earlier version of the program reads what it wrote itself.
    assert json.loads(slot_to_text(Slot("CPU", "0"))) == ["CPU", "0", ""]
