"""Texts of the programs themselves, each with its origin, and what is said of them."""

import subprocess

import pytest

from tomobatch.machines import shell_text
from tomobatch.recon.diagnosis import Place, cause_in, diagnose
from tomobatch.recon.engines import EngineKind
from unit.recon.output_aid import MISSING, code_of, traceback

# By h5py 3 and tifffile where this was written, of a file that is held, forbidden, cut off, and on a disk
# that was full. On a full one numpy, which writes a TIFF's pixels, tells nothing but numbers.
HELD = (
    "BlockingIOError: [Errno 11] Unable to synchronously open file (unable to lock file, errno = 11, "
    "error message = 'Resource temporarily unavailable')"
)
FORBIDDEN = (
    "PermissionError: [Errno 13] Unable to synchronously open file (unable to open file: name = '/d/a.h5', "
    "errno = 13, error message = 'Permission denied', flags = 0, o_flags = 0)"
)
CUT_OFF = (
    "OSError: Unable to synchronously open file (truncated file: eof = 700, sblock->base_addr = 0, "
    "stored_eof = 4752)"
)
FULL_TIFF = "OSError: 160000 requested and 76732 written"
FULL_HDF5 = (
    "OSError: [Errno 28] Unable to synchronously create file (file write failed: time = Fri Nov 27 09:48:48\n"
    ", filename = '/d/y.h5', file descriptor = 3, errno = 28, error message = 'No space left on device', "
    "buf = 0x564150fbe3d8, total write size = 96, bytes this sub-write = 96, offset = 0)"
)
# cupy 13 on a host without a GPU
NO_DRIVER = (
    "cupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorInsufficientDriver: CUDA driver version is "
    "insufficient for CUDA runtime version"
)
# The rest is as people reported it, with the numbers of the reports. github.com/cupy/cupy, issue 2537
MEMORY = (
    "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 25,600,000 bytes (allocated so far: "
    "3,635,267,072 bytes)."
)
# github.com/cupy/cupy, issue 1063
MEMORY_FFT = "cupy.cuda.cufft.CuFFTError: CUFFT_ALLOC_FAILED"
# github.com/cupy/cupy, issue 2549
NO_DEVICE = "cupy.cuda.runtime.CUDARuntimeError: cudaErrorNoDevice: no CUDA-capable device is detected"
# github.com/rapidsai/dask-cuda, issue 1342
BUSY = (
    "cupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorDevicesUnavailable: CUDA-capable device(s) "
    "is/are busy or unavailable"
)
# github.com/cupy/cupy, issue 8226
BROKEN = "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory"
# github.com/JiekaiLab/scDIOR, issue 6: a network disk without locks
NO_LOCKS = (
    "OSError: [Errno 37] Unable to open file (unable to lock file, errno = 37, error message = "
    "'No locks available')"
)
# github.com/Edwardlzy/SRCNN, issue 8: older h5py
OLD_MISSING = (
    "OSError: Unable to open file (unable to open file: name = './train.h5', errno = 2, error message = "
    "'No such file or directory', flags = 0, o_flags = 0)"
)
TEXTS = [
    (HELD, "scan-locked"),
    (FORBIDDEN, "permission"),
    (CUT_OFF, "scan-unreadable"),
    (FULL_TIFF, "disk-full"),
    (FULL_HDF5, "disk-full"),
    (NO_DRIVER, "no-gpu"),
    (MEMORY, "gpu-memory"),
    (MEMORY_FFT, "gpu-memory"),
    (NO_DEVICE, "no-gpu"),
    (BUSY, "gpu-busy"),
    (BROKEN, "engine-broken"),
    (NO_LOCKS, "scan-locked"),
    (OLD_MISSING, "file-missing"),
]


@pytest.mark.parametrize(("error", "code"), TEXTS)
def test_texts_of_the_programs_themselves(error, code):
    assert code_of(tail=traceback(error)) == code


def test_a_warning_of_memory_that_cupy_can_do_without_is_no_failure():
    """Text of github.com/cupy/cupy, pull request 1593."""
    warning = (
        "/opt/cupy/creation/from_data.py:40: UserWarning: Using synchronous transfer as pinned memory "
        "(2147483648 bytes) could not be allocated. This generally occurs because of insufficient host "
        "memory.The original error was: cudaErrorMemoryAllocation: out of memory"
    )
    assert code_of(status=0, tail=warning) is None


def test_memory_of_the_machine_itself_is_not_called_the_gpus():
    """The frames are those of github.com/cupy/cupy, issue 8733, the exception that of issue 1576."""
    frames = (
        '  File "cupy/cuda/pinned_memory.pyx", line 30, in cupy.cuda.pinned_memory.PinnedMemory.__init__\n'
        '  File "cupy_backends/cuda/api/runtime.pyx", line 554, in cupy_backends.cuda.api.runtime.hostAlloc\n'
    )
    error = "cupy.cuda.runtime.CUDARuntimeError: cudaErrorMemoryAllocation: out of memory"
    assert code_of(tail=traceback(frames + error)) == "host-memory"
    assert code_of(tail=traceback(error)) == "gpu-memory"


# What shells said here of `conda activate x && exec tomocupy`, `module load x; exec tomocupy` and `. FILE`.
SHELLS = [
    (127, "sh: 1: conda: not found"),
    (127, "bash: line 1: conda: command not found"),
    (127, "zsh:1: command not found: conda"),
    (127, "sh: 1: module: not found\nsh: 1: exec: tomocupy: not found"),
    (127, "bash: line 1: module: command not found\nbash: line 1: exec: tomocupy: not found"),
    (1, "conda: Command not found."),
    (2, "sh: 1: .: cannot open /nowhere/env.sh: No such file"),
    (2, "sh: .: line 0: can't open '/nowhere/env.sh': No such file or directory"),
    (
        127,
        "bash: line 1: /nowhere/env.sh: No such file or directory\nbash: line 1: exec: tomocupy: not found",
    ),
    (127, "zsh:.:1: no such file or directory: /nowhere/env.sh\nzsh:1: command not found: tomocupy"),
]
# github.com/danpursuit/all-is-one, issue 1
NO_ENVIRONMENT = (
    "EnvironmentNameNotFound: Could not find conda environment: test-stable\n"
    "You can list all discoverable environments with `conda info --envs`."
)
ENVIRONMENTS = [
    NO_ENVIRONMENT,
    # as several public projects quote it in their help
    "EnvironmentLocationNotFound: Not a conda environment: /opt/miniconda3/envs/vinith",
    # github.com/conda/conda, issue 13786
    "CondaError: Run 'conda init' before 'conda activate'",
    # as several public projects quote it in their help
    "CommandNotFoundError: Your shell has not been properly configured to use 'conda activate'.",
    # github.com/mamba-org/micromamba-docker, issue 611
    "critical libmamba Cannot activate, prefix does not exist at: '/opt/conda/envs/download'",
    # github.com/TACC/Lmod, issue 592
    'Lmod has detected the following error:  The following module(s) are unknown: \n\n"help2man/1.49.2"',
    # github.com/envmodules/modules, issue 192
    "ERROR: Unable to locate a modulefile for 'gcc/4.2.1'",
    # github.com/ai4d-iasc/trixie, issue 17: the older program in C
    "ModuleCmd_Load.c(213):ERROR:105: Unable to locate a modulefile for 'conda'",
]


@pytest.mark.parametrize(
    ("status", "said"), SHELLS + [(status, said) for said in ENVIRONMENTS for status in (1, 127)]
)
def test_an_environment_that_fails_is_named_and_so_is_its_place(status, said):
    found = diagnose(engine=EngineKind.TOMOCUPY, status=status, tail=said)
    assert (found.code, found.remedy.endswith("Correct the environment of this machine in Machines.")) == (
        "environment",
        True,
    )
    # A machine may find out before the engine was started.
    assert code_of(status=None, reason=said.replace("\n", " ")) == "environment"


def test_an_environment_that_ends_badly_without_a_word_that_is_known():
    """The last line is that of the script which runs commands on machines over a network."""
    script = shell_text.ENVIRONMENT
    done = subprocess.run(
        ["sh", "-c", script, "TomoBatch", "echo the licence is gone >&2; false", "0", "tomocupy"],
        capture_output=True,
        text=True,
        check=False,
    )
    place = Place("tomo1", far=True)
    found = diagnose(engine=EngineKind.TOMOCUPY, status=done.returncode, tail=done.stderr, place=place)
    assert found.code == "environment"
    assert found.sentence == "The environment of tomo1 could not be set up (the licence is gone)."


def test_an_environment_that_failed_on_the_way_is_not_blamed_for_what_the_engine_says_itself():
    before = "bash: line 1: module: command not found\n"
    assert code_of(tail=before + traceback("ValueError: x")) == "traceback"
    assert code_of(status=2, tail=before + "tomocupy: error: unrecognized arguments: --x") == "unknown-option"
    assert code_of(tail=before + traceback("ModuleNotFoundError: No module named 'cupy'")) == "environment"
    assert cause_in(before) is None


@pytest.mark.parametrize(
    "said",
    [
        "sh: 1: exec: tomocupy: not found",
        "bash: line 1: exec: /opt/env/bin/tomocupy: not found",
        "zsh:1: command not found: tomocupy",
        "sh: exec: line 0: tomocupy: not found",
        "tomocupy: Command not found.",
    ],
)
def test_an_engine_that_is_not_there_in_the_words_of_each_shell(said):
    """As dash, bash, zsh, busybox and tcsh said it here; tcsh ends with 1."""
    found = diagnose(engine=EngineKind.TOMOCUPY, status=1, tail=said, place=Place("tomo1"))
    assert (found.code, "on tomo1" in found.sentence) == ("engine-missing", True)


def far(there="/data/2026/a.h5"):
    return Place("tomo1", far=True, here="/data/2026/a.h5", there=there)


def missing(name):
    return MISSING.replace("scans/none.h5", name)


def test_a_file_that_another_host_does_not_see_names_the_folder_to_be_mapped():
    found = diagnose(engine=EngineKind.TOMOCUPY, status=1, tail=missing("/data/2026/a.h5"), place=far())
    assert (found.code, found.sentence) == ("file-missing", "tomo1 does not see /data/2026/a.h5.")
    assert found.remedy.startswith(
        "If /data/2026 has another name on tomo1, add that pair of folders in Machines."
    )


def test_another_file_that_is_missing_there_is_not_blamed_on_the_mapping():
    found = diagnose(engine=EngineKind.TOMOCUPY, status=1, tail=missing("/opt/x.so"), place=far())
    assert found.sentence == "A file was not found: /opt/x.so."


def test_a_mapping_that_leads_nowhere_is_to_be_corrected():
    place = far(there="/gpfs/2026/a.h5")
    found = diagnose(engine=EngineKind.TOMOCUPY, status=1, tail=missing("/gpfs/2026/a.h5"), place=place)
    assert found.sentence == "tomo1 does not see /gpfs/2026/a.h5."
    assert "It stands for /data/2026/a.h5 here: correct that pair of folders" in found.remedy


def test_a_file_that_is_missing_on_this_host_needs_no_mapping():
    here = Place("Local", here="/data/2026/a.h5", there="/data/2026/a.h5")
    found = diagnose(engine=EngineKind.TOMOCUPY, status=1, tail=missing("/data/2026/a.h5"), place=here)
    assert found.sentence == "A file was not found: /data/2026/a.h5."


@pytest.mark.parametrize("status", [137, -9, 143, -15, -1])
def test_who_killed_it_is_not_known_so_both_are_said(status):
    found = diagnose(engine=EngineKind.TOMOCUPY, status=status, tail="")
    assert found.code == "killed"
    assert "by somebody, or by the machine" in found.sentence


def test_an_engine_that_heeded_a_signal_from_outside_ends_by_itself():
    """tomocupy prints this one word (its utils.py) and ends with status 1."""
    assert code_of(1, tail="\rqueue size 000 |  |████----| 50.0% \rAbort\n") == "killed"
