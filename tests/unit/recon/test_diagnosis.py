import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.recon.diagnosis import diagnose
from tomobatch.recon.engines import EngineKind
from unit.recon.output_aid import MISSING, code_of, traceback


def test_the_recorded_missing_file(shared_data):
    tails = [MISSING]
    if shared_data is not None:
        tails.append((shared_data / "tomocupy" / "missing.stderr.txt").read_text())
    for tail in tails:
        found = diagnose(engine=EngineKind.TOMOCUPY, status=1, tail=tail)
        assert (found.code, found.sentence) == ("file-missing", "A file was not found: scans/none.h5.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 1,024 bytes (allocated so far: 5)",
            "gpu-memory",
        ),
        (
            "cupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorMemoryAllocation: out of memory",
            "gpu-memory",
        ),
        (
            "cupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorNoDevice: no CUDA-capable device",
            "no-gpu",
        ),
        ("ImportError: libcuda.so.1: cannot open shared object file: No such file or directory", "no-gpu"),
        ("ModuleNotFoundError: No module named 'cupy'", "engine-broken"),
        ("OSError: [Errno 28] No space left on device: '/d/scans_rec/a/recon_00001.tiff'", "disk-full"),
        ("OSError: [Errno 122] Disk quota exceeded", "disk-full"),
        ("PermissionError: [Errno 13] Permission denied: '/d/scans_rec'", "permission"),
        ("OSError: [Errno 30] Read-only file system: '/d/scans_rec'", "permission"),
        ("numpy._core._exceptions._ArrayMemoryError: Unable to allocate 20 GiB", "host-memory"),
        (
            "KeyError: \"Unable to synchronously open object (object 'data_white' doesn't exist)\"",
            "scan-incomplete",
        ),
        ("OSError: Unable to open file (truncated file: eof = 1, sblock->base_addr = 0)", "scan-unreadable"),
        ("OSError: Can't synchronously read data (filter returned failure)", "scan-unreadable"),
        ("ValueError: could not broadcast input array", "traceback"),
    ],
)
def test_errors_of_the_engine(error, code):
    assert code_of(tail=traceback(error)) == code
    assert code_of(tail=traceback(error, head="Exception in thread Thread-5 (_wrapper):")) == code


def test_an_unknown_error_is_quoted():
    found = diagnose(
        engine=EngineKind.TOMOCUPY, status=1, tail=traceback("ZeroDivisionError: float division by zero")
    )
    assert "ZeroDivisionError: float division by zero" in found.sentence


def test_the_first_traceback_counts():
    tail = traceback("MemoryError") + traceback("KeyError: 'exchange'")
    assert code_of(tail=tail) == "host-memory"


def test_an_exception_counts_more_than_what_stands_around_it():
    tail = "tip: Permission denied is solved by chmod\n" + traceback("ValueError: x")
    assert code_of(tail=tail) == "traceback"


@pytest.mark.parametrize("status", [0, None])
def test_a_traceback_means_failed_even_if_the_process_goes_on_or_ends_well(status):
    assert code_of(status=status, tail=traceback("ValueError: x")) == "traceback"
    assert code_of(status=status, tail="OutOfMemoryError: x") == "gpu-memory"


def test_a_run_that_ended_well_has_no_diagnosis():
    tail = (
        "2026-11-22 15:20:34,781 - \x1b[33mReconstruction time 8.1e-01s\x1b[0m\nNo such file or directory\n"
    )
    assert code_of(status=0, tail=tail) is None


@pytest.mark.parametrize(
    ("status", "more", "code"),
    [
        (127, {"tail": "sh: 1: exec: tomocupy: not found"}, "engine-missing"),
        (None, {"reason": "[Errno 2] No such file or directory: 'tomocupy'"}, "engine-missing"),
        (126, {"tail": "sh: 1: exec: /opt/x: Permission denied"}, "engine-not-executable"),
        (None, {"reason": "its host was rebooted"}, "lost"),
        (137, {}, "killed"),
        (-9, {}, "killed"),
        (139, {}, "signalled"),
        (-11, {}, "signalled"),
        (143, {"stopped": True}, "stopped"),
        (2, {}, "unknown-option"),
        (2, {"tail": "tomocupy: error: unrecognized arguments: --x"}, "unknown-option"),
        (3, {"tail": "something"}, "failed"),
        (1, {"tail": ""}, "failed"),
    ],
)
def test_how_it_ended(status, more, code):
    assert code_of(status, **more) == code


def test_a_reason_is_part_of_the_sentence():
    found = diagnose(engine=EngineKind.TOMOCUPY, status=None, tail="", reason="its host was rebooted.")
    assert "(its host was rebooted)" in found.sentence
    found = diagnose(engine=EngineKind.TOMOCUPY, status=139, tail="")
    assert "SIGSEGV" in found.sentence
    assert "signal 99" in diagnose(engine=EngineKind.TOMOCUPY, status=-99, tail="").sentence


def test_the_embedded_engines_last_words_are_the_sentence():
    bar = "\rqueue size 000 |  |████----| 50.0% \r\n"
    tail = bar + "2026-11-22 15:20:33,975 - \x1b[91mThe COR is outside.\x1b[0m\n"
    found = diagnose(engine=EngineKind.CPU, status=1, tail=tail)
    assert (found.code, found.sentence) == ("engine-said", "The COR is outside.")
    assert code_of(2, tail="tomobatch recon: error: no", engine=EngineKind.CPU) == "unknown-option"
    assert code_of(1, tail="", engine=EngineKind.CPU) == "failed"


@settings(deadline=None)
@given(st.none() | st.integers(-200, 300), st.text(), st.sampled_from(EngineKind), st.text())
def test_any_end_and_any_output_is_said_in_words(status, tail, engine, reason):
    found = diagnose(engine=engine, status=status, tail=tail, reason=reason)
    assert found is None or (found.code and found.sentence and found.remedy)
