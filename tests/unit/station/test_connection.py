"""*Test connection*, asked of this host with real faults: a read-only disk, a hung engine, no GPU."""

import contextlib
import subprocess

import pytest

from far_aid import CHANGED_KEY, UNKNOWN_KEY, UNREACHABLE, Far
from tomobatch.config.machines import LOCAL, MachineEntry, MachineKind, PathPair
from tomobatch.errors import TomoBatchError
from tomobatch.machines.local import Local
from tomobatch.station.connection_scripts import free_bytes_of
from tomobatch.station.connection_test import Patience, Sign, Topic, probe_connection

# Invented, after the manual of nvidia-smi: none was at hand.
NVIDIA_SMI = """#!/bin/sh
case $1 in
-L) for gpu in 0 1; do echo "GPU $gpu: NVIDIA A100-SXM4-80GB (UUID: GPU-$gpu)"; done ;;
*) for gpu in 0 1; do echo "$gpu, GPU-$gpu, NVIDIA A100-SXM4-80GB, 81920, 11, 0"; done ;;
esac
"""
BROKEN_SMI = "#!/bin/sh\necho 'Failed to initialize NVML: Driver/library version mismatch' >&2; exit 18\n"
OPTIONS = "config logs-home reconstruction-type file-name rotation-axis save-format out-path-name"
TOMOCUPY = f"""#!/bin/sh
[ "$1" = --version ] && echo 'tomocupy 1.1.0'
[ "$2" = -h ] || exit 0
for name in {OPTIONS}; do echo "  --$name X"; done
[ "$1" = recon_steps ] && echo '  --retrieve-phase-method X'
exit 0
"""
LOCAL_ENTRY = MachineEntry(LOCAL, MachineKind.LOCAL, gpus=2)
TOMO1 = MachineEntry("tomo1", host="ada@tomo1.example", gpus=2)
PATIENCE = Patience(call_s=5, engine_s=10, probe_s=10)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder in front of the PATH, and programs put into it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")

    def put(**texts):
        for name, text in texts.items():
            program = folder / name.replace("_", "-")
            program.write_text(text)
            program.chmod(0o755)
        return folder

    return put


@pytest.fixture
def scans(tmp_path):
    """A data folder whose name needs care."""
    folder = tmp_path / "a $(x) 'é'\n"
    folder.mkdir()
    (folder / "scan_0001.h5").write_bytes(b"")
    return folder


async def asked(machine, entry, folder, patience=PATIENCE):
    try:
        lines = [line async for line in probe_connection(machine, entry, folder, patience)]
    finally:
        await machine.close()
    assert [line.topic for line in lines] == list(Topic)
    return {line.topic: line for line in lines}


def signs(lines):
    return {topic: line.sign for topic, line in lines.items()}


async def test_all_is_well(programs, scans):
    programs(nvidia_smi=NVIDIA_SMI, tomocupy=TOMOCUPY)
    lines = await asked(Local(), LOCAL_ENTRY, scans)
    assert set(signs(lines).values()) == {Sign.GOOD}
    assert not any(line.remedy for line in lines.values())
    assert lines[Topic.ENGINE].words.startswith("tomocupy 1.1.0 in /")
    assert lines[Topic.ENGINE].words.endswith(": Try, Full and phase retrieval.")
    assert lines[Topic.GPUS].words == "2 × NVIDIA A100-SXM4-80GB, 80 GB."
    assert lines[Topic.DATA].words.endswith("\\n is seen, with scan_0001.h5 in it.")
    assert lines[Topic.CLOCK].words == "The same time as here."
    assert list(scans.parent.glob("**/.tomobatch*")) == []


async def test_a_far_machine_answers_the_same_after_its_door(programs, scans):
    programs(nvidia_smi=NVIDIA_SMI, tomocupy=TOMOCUPY)
    lines = await asked(Far(), TOMO1, scans)
    assert set(signs(lines).values()) == {Sign.GOOD}
    assert "ms" in lines[Topic.REACH].words


@pytest.mark.parametrize(
    ("trouble", "reach", "keys", "remedy"),
    [
        (UNREACHABLE, Sign.BAD, Sign.UNASKED, "ssh ada@tomo1.example"),
        (UNKNOWN_KEY, Sign.GOOD, Sign.BAD, "Compare the fingerprint"),
        (CHANGED_KEY, Sign.GOOD, Sign.BAD, "ssh-keygen -R tomo1.example"),
        (TomoBatchError("login-refused", "It takes no key of yours."), Sign.GOOD, Sign.BAD, "ssh-copy-id"),
    ],
)
async def test_before_the_door_opens_nothing_else_is_asked(scans, trouble, reach, keys, remedy):
    lines = await asked(Far(trouble=trouble), TOMO1, scans)
    assert signs(lines) == dict.fromkeys(Topic, Sign.UNASKED) | {Topic.REACH: reach, Topic.KEYS: keys}
    wrong = next(line for line in lines.values() if line.sign is Sign.BAD)
    assert (wrong.words, remedy in wrong.remedy) == (trouble.sentence, True)


async def test_what_is_lost_halfway_is_asked_no_more(programs, scans, monkeypatch):
    programs(tomocupy=TOMOCUPY)
    machine = Far()

    async def cut(*_):
        machine.lose()
        raise UNREACHABLE

    monkeypatch.setattr(machine, "run_short", cut)
    lines = await asked(machine, TOMO1, scans)
    assert lines[Topic.ENGINE].words == UNREACHABLE.sentence
    assert {lines[topic].sign for topic in list(Topic)[3:]} == {Sign.UNASKED}
    assert lines[Topic.CLOCK].words == "Not asked: it was lost meanwhile."


async def test_an_engine_that_hangs_keeps_nothing_back(programs, scans):
    programs(nvidia_smi=NVIDIA_SMI, tomocupy="#!/bin/sh\nsleep 60\n")
    lines = await asked(Local(), LOCAL_ENTRY, scans, Patience(engine_s=0.3))
    assert lines[Topic.ENGINE].words.endswith("gave no answer within 0.3 s.")
    assert lines[Topic.ENGINE].remedy
    del lines[Topic.ENGINE]
    assert set(signs(lines).values()) == {Sign.GOOD}


async def test_an_engine_that_is_missing_old_or_of_the_site(programs, scans):
    wanted = MachineEntry("tomo1", host="x", engine="/no/such/tomocupy")
    line = (await asked(Far(), wanted, scans))[Topic.ENGINE]
    assert (line.sign, "/no/such/tomocupy was not found on tomo1" in line.words) == (Sign.BAD, True)
    folder = programs(own="#!/bin/sh\n[ $2 = -h ] && echo '  --file-name F'\nexit 0\n")
    wanted = MachineEntry("tomo1", host="x", engine=str(folder / "own"))
    line = (await asked(Far(), wanted, scans))[Topic.ENGINE]
    assert "has no --config" in line.words
    assert "install a newer tomocupy" in line.words
    programs(own=TOMOCUPY.replace("recon_steps", "no"))
    line = (await asked(Far(), wanted, scans))[Topic.ENGINE]
    assert line.words.endswith(": Try and Full, no phase retrieval.")


@pytest.mark.parametrize(
    ("smi", "words"),
    [
        (BROKEN_SMI, "nvidia-smi says: Failed to initialize NVML: Driver/library version mismatch"),
        ("#!/bin/sh\nexit 0\n", "nvidia-smi found none"),
    ],
)
async def test_where_no_gpu_is_found_it_says_why(programs, scans, smi, words):
    programs(nvidia_smi=smi, tomocupy=TOMOCUPY)
    line = (await asked(Local(), LOCAL_ENTRY, scans))[Topic.GPUS]
    assert (line.sign, words in line.words) == (Sign.BAD, True)
    cpu = MachineEntry(LOCAL, MachineKind.LOCAL, engine="cpu")
    assert (await asked(Local(), cpu, scans))[Topic.GPUS].sign is Sign.GOOD


async def test_a_driver_that_hangs_keeps_nothing_back(programs, scans):
    programs(nvidia_smi="#!/bin/sh\nsleep 60\n", tomocupy=TOMOCUPY)
    lines = await asked(Local(), LOCAL_ENTRY, None, Patience(probe_s=0.5))
    assert lines[Topic.GPUS].words == "Local gave no answer within 1 s."
    assert lines[Topic.CLOCK].sign is Sign.GOOD


async def test_gpus_are_counted(programs):
    programs(nvidia_smi=NVIDIA_SMI, tomocupy=TOMOCUPY)
    line = (await asked(Far(), MachineEntry("tomo1", host="x", gpus=8), None))[Topic.GPUS]
    # How many are set stands beside the field.
    assert (line.sign, line.gpus, line.remedy) == (Sign.GOOD, 2, "")


async def test_a_folder_that_is_not_seen_there(scans, tmp_path):
    elsewhere = tmp_path / "there"
    entry = MachineEntry("tomo1", host="x", engine="cpu", paths=(PathPair(str(scans), str(elsewhere)),))
    lines = await asked(Far(), entry, scans)
    assert lines[Topic.DATA].words == f"{elsewhere} is not there."
    assert {lines[topic].sign for topic in (Topic.OUTPUT, Topic.SPACE)} == {Sign.UNASKED}
    assert lines[Topic.CLOCK].sign is Sign.GOOD
    elsewhere.mkdir()
    lines = await asked(Far(), entry, scans)
    assert "scan_0001.h5 is not in it: it is another disk" in lines[Topic.DATA].words
    assert "Folders" in lines[Topic.DATA].remedy
    (elsewhere / "scan_0001.h5").touch()
    assert (await asked(Far(), entry, scans))[Topic.DATA].sign is Sign.GOOD
    lines = await asked(Far(), entry, None)
    assert lines[Topic.OUTPUT].words == "Not asked: no folder is open."


async def test_a_disk_that_cannot_be_written_or_is_full_or_small(small_disk):
    data = small_disk / "scans"
    data.mkdir()
    lines = await asked(Local(), LOCAL_ENTRY, data)
    assert lines[Topic.OUTPUT].sign is Sign.GOOD
    assert (lines[Topic.SPACE].sign, "Make room" in lines[Topic.SPACE].remedy) == (Sign.NOTE, True)
    filling = (small_disk / "filling").open("wb", buffering=0)
    with filling, contextlib.suppress(OSError):
        while filling.write(bytes(4096)):
            pass
    assert "No space left" in (await asked(Local(), LOCAL_ENTRY, data))[Topic.OUTPUT].words
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    line = (await asked(Local(), LOCAL_ENTRY, data))[Topic.OUTPUT]
    assert line.words == f"{data}_rec cannot be written: Read-only file system."
    assert "must let you write there" in line.remedy
    assert {file.name for file in small_disk.iterdir()} == {"scans", "filling"}


@pytest.mark.parametrize(("late_s", "said"), [(90, "1 min 30 s behind"), (-90, "ahead of")])
async def test_another_clock_is_said(programs, late_s, said):
    programs(date=f"#!/bin/sh\necho Welcome!\nexpr $(/bin/date +%s) - {late_s}\n")
    line = (await asked(Far(), TOMO1, None))[Topic.CLOCK]
    assert (line.sign, said in line.words) == (Sign.NOTE, True)
    programs(date="#!/bin/sh\necho never\n")
    assert (await asked(Far(), TOMO1, None))[Topic.CLOCK].words == "It cannot say what time it is."


def test_free_space_of_disks_with_odd_names():
    head = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
    assert free_bytes_of(head + "nas:/my data 1 %  1000 400 600 40% /mnt/a 3 4 b\n") == 600 * 1024
    assert free_bytes_of("df: no such file\n") is None
