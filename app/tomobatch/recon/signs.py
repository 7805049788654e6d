"""Signs in an engine's output, and what each of them means.

Their texts are those of the programs themselves: CUDA by way of cupy, HDF5 by way of h5py, numpy, tifffile,
argparse, shells, conda, environment modules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tomobatch.recon.engine_text import GPU_MEMORY

# As the script says it that runs a command in the environment of a machine.
ENVIRONMENT_FAILED = "the environment of this machine could not be set up"
ENVIRONMENT_REMEDY = "Correct the environment of this machine in Machines."


@dataclass(frozen=True)
class Sign:
    """A pattern in the output and what it means; ``{line}`` is the line it stands in.

    Parameters
    ----------
    sure
        Worded so that nothing else is ever meant, wherever it stands.
    """

    code: str
    pattern: re.Pattern[str]
    sentence: str
    remedy: str
    sure: bool = False


def _sign(code: str, pattern: str, sentence: str, remedy: str, *, sure: bool = False) -> Sign:
    return Sign(code, re.compile(pattern), sentence, remedy, sure)


# The first that is found counts: what is known for sure stands before what is only likely.
SIGNS = (
    _sign(
        "gpu-memory",
        GPU_MEMORY,
        "GPU out of memory.",
        "Retry with a smaller chunk; else use a crop or more binning. See whether others use this GPU.",
        sure=True,
    ),
    _sign(
        "gpu-busy",
        r"cudaErrorDevicesUnavailable",
        "The GPU is held by another program.",
        "See in nvidia-smi on that machine who uses it, and run it again when it is free.",
        sure=True,
    ),
    _sign(
        "no-gpu",
        r"cudaErrorNoDevice|cudaErrorInsufficientDriver|cudaErrorInvalidDevice|no CUDA-capable device"
        r"|cudaErrorInitializationError|cudaErrorSystemDriverMismatch|cudaErrorSystemNotReady"
        r"|cudaErrorStubLibrary|cudaErrorCompatNotSupportedOnDevice|libcuda\.so",
        "The engine found no usable GPU.",
        "Look at nvidia-smi on that machine and at the number of GPUs set for it.",
        sure=True,
    ),
    _sign(
        "gpu-fault",
        r"cudaErrorECCUncorrectable|cudaErrorHardwareStackError|cudaErrorLaunchFailure|cudaErrorIllegalAddress"
        r"|cudaErrorMisalignedAddress|cudaErrorUnknown",
        "The GPU stopped with a fault: {line}",
        "Run it again; where the same GPU fails once more, leave it out and have the machine looked after.",
        sure=True,
    ),
    _sign(
        "disk-full",
        # numpy writes pixels by itself, and tells of a full disk in this way alone
        r"No space left on device|Disk quota exceeded|[Ee]rrno(?: =)? (?:28|122)\b"
        r"|^OSError: \d+ requested and \d+ written",
        "The disk is full.",
        "Make room where the results lie, or use more binning or a crop, then run it again.",
        sure=True,
    ),
    _sign(
        "engine-broken",
        r"^(?:ModuleNotFoundError|ImportError)\b|cudaErrorNoKernelImageForDevice|libnvrtc\.so|libcudart\.so",
        "The engine's installation is broken: {line}",
        "Start it by hand on that machine with recon -h; check the environment set for the machine.",
    ),
    _sign(
        "unknown-option",
        r"unrecognized arguments|no such option|invalid choice|ambiguous option|expected one argument"
        r"|error: argument -|arguments are required",
        "The engine did not take an option: {line}",
        "Take that option out, or correct its value.",
    ),
    _sign(
        "scan-locked",
        r"unable to lock file",
        "The scan is held by another program: {line}",
        "Wait until it is acquired; where nobody writes it, add `export HDF5_USE_FILE_LOCKING=FALSE` to the"
        " environment of this machine in Machines.",
    ),
    _sign(
        "file-missing",
        r"FileNotFoundError|No such file or directory|File Name does not exist",
        "A file was not found: {line}",
        "See whether that machine sees the file under this path, and whether it was moved or removed.",
    ),
    _sign(
        "permission",
        r"PermissionError|Permission denied|Operation not permitted|Read-only file system",
        "A file or folder may not be read or written: {line}",
        "Check the permissions of the scan and of the results folder.",
    ),
    _sign(
        "host-memory",
        r"(?<!\w)MemoryError\b|ArrayMemoryError|Unable to allocate [\d.]+ \w+ for an array"
        r"|Cannot allocate memory|cudaErrorHostMemory|oom-kill event|oom_kill event",
        "The machine ran out of memory.",
        "Run fewer jobs at a time, or use more binning or a crop.",
    ),
    _sign(
        "scan-incomplete",
        r"KeyError: .*(?:data_white|data_dark|exchange|doesn't exist)",
        "The scan lacks something the engine needs: {line}",
        "Look at what is in the file; flats and darks may be given by --flat-file-name and --dark-file-name.",
    ),
    _sign(
        "scan-unreadable",
        r"OSError: .*(?:truncated file|Can't (?:synchronously )?read data|file signature not found|filter)",
        "The scan cannot be read: {line}",
        "Copy it again from where it was acquired.",
    ),
)
SURE_SIGNS = tuple(sign for sign in SIGNS if sign.sure)

# Looked for where the engine did not get as far as to speak for itself.
ENVIRONMENT_SIGNS = (
    _sign(
        "environment",
        r"EnvironmentNameNotFound|EnvironmentLocationNotFound|Could not find conda environment"
        r"|Not a conda environment|libmamba .*prefix does not exist",
        "The conda environment is not there: {line}",
        ENVIRONMENT_REMEDY,
    ),
    _sign(
        "environment",
        r"Run 'conda init' before|[Ss]hell has not been properly configured to use 'conda"
        r"|[Ss]hell (?:\S+ )?not initialized",
        "conda is not ready for use there: {line}",
        "Put `. FOLDER/etc/profile.d/conda.sh` before conda activate, where FOLDER is that of conda. "
        + ENVIRONMENT_REMEDY,
    ),
    _sign(
        "environment",
        r"Lmod has detected the following error|Unable to locate a modulefile|module\(s\) are unknown",
        "A module could not be loaded: {line}",
        ENVIRONMENT_REMEDY,
    ),
    _sign(
        "environment",
        # dash, bash, zsh, tcsh, each in its own order
        r"\b(?:conda|mamba|micromamba|module|ml|spack|source): (?:command )?not found"
        r"|command not found: (?:conda|mamba|micromamba|module|ml|spack|source)\b"
        r"|^(?:conda|mamba|micromamba|module|ml|spack): Command not found",
        "The environment uses a command that is not there: {line}",
        "Name it by its path, or read the file that makes it known first. " + ENVIRONMENT_REMEDY,
    ),
    _sign(
        "environment",
        r"\.: (?:line \d+: )?can(?:not|'t) open|^zsh:\.:\d+: no such file"
        r"|: (?:\S*/)?(?:activate|conda\.sh|\S+\.sh|\S+\.bash): No such file or directory",
        "The environment reads a file that is not there: {line}",
        ENVIRONMENT_REMEDY,
    ),
)

_AT_FILES = next(number for number, sign in enumerate(SIGNS) if sign.code == "file-missing")
SIGNS_WITHOUT_TRACEBACK = (*SIGNS[:_AT_FILES], *ENVIRONMENT_SIGNS, *SIGNS[_AT_FILES:])
"""Before a file that is missing: that may be one of the environment."""

NOT_FOUND = re.compile(
    r"exec: (?:line \d+: )?\S*tomocupy\S*: not found|\btomocupy: (?:command )?not found"
    r"|command not found: \S*tomocupy|tomocupy: Command not found"
)
"""What a shell says of an engine that is not there, whatever its exit status."""

PINNED = re.compile(r"pinned_memory|hostAlloc")
"""Frames of memory that lies in the machine itself, though CUDA keeps it: running out of it is told alike."""
