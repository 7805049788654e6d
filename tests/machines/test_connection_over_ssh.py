"""*Test connection* over SSH, by a real server: ways that do not open, and one that does."""

import subprocess

import pytest

from tomobatch.config.machines import MachineEntry
from tomobatch.machines.ssh import Ssh
from tomobatch.station.connection_test import Patience, Sign, Topic, probe_connection

PATIENCE = Patience(call_s=20, engine_s=20, probe_s=20)
ENVIRONMENT = "echo Welcome!; PATH=$PATH:{}"
TOMOCUPY = """#!/bin/sh
[ "$1" = --version ] && echo 'tomocupy 1.1.0'
[ "$2" = -h ] || exit 0
for name in config logs-home reconstruction-type file-name rotation-axis save-format out-path-name; do
    echo "  --$name X"
done
"""


@pytest.fixture
async def tomo1(tmp_path):
    program = tmp_path / "bin" / "tomocupy"
    program.parent.mkdir()
    program.write_text(TOMOCUPY)
    program.chmod(0o755)
    machine = Ssh(
        "tomo1", "tomo1", environment=ENVIRONMENT.format(program.parent), mirror=tmp_path / "mirror"
    )
    yield machine
    await machine.close()


async def asked(machine, folder):
    entry = MachineEntry("tomo1", host="tomo1")
    return {line.topic: line async for line in probe_connection(machine, entry, folder, PATIENCE)}


async def test_all_that_a_job_rests_on_is_answered_over_ssh(server, tomo1, tmp_path):
    folder = tmp_path / "a $(x) 'é'\n"
    folder.mkdir()
    (folder / "scan_0001.h5").touch()
    lines = await asked(tomo1, folder)
    good = set(Topic) - {Topic.GPUS, Topic.SPACE}
    assert {topic for topic in good if lines[topic].sign is not Sign.GOOD} == set(), lines
    assert lines[Topic.ENGINE].words.startswith(f"tomocupy 1.1.0 in {tmp_path}/bin/tomocupy: ")
    assert "there is no nvidia-smi" in lines[Topic.GPUS].words


async def test_an_unknown_key_is_asked_about_and_then_trusted(server, tomo1, own_home):
    (own_home / ".ssh" / "known_hosts").unlink()
    lines = await asked(tomo1, None)
    assert (lines[Topic.REACH].sign, lines[Topic.KEYS].sign) == (Sign.GOOD, Sign.BAD)
    assert tomo1.unknown_key.fingerprint in lines[Topic.KEYS].words
    assert lines[Topic.ENGINE].sign is Sign.UNASKED
    await tomo1.accept_key()
    assert (await asked(tomo1, None))[Topic.KEYS].sign is Sign.GOOD


async def test_another_key_than_before_is_never_asked_about(server, tomo1, own_home, tmp_path):
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    public = other.with_suffix(".pub").read_text().split()[:2]
    (own_home / ".ssh" / "known_hosts").write_text(f"[{server.address}]:{server.port} {' '.join(public)}\n")
    line = (await asked(tomo1, None))[Topic.KEYS]
    assert (line.sign, tomo1.unknown_key) == (Sign.BAD, None)
    assert "ssh-keygen -R" in line.words + line.remedy


async def test_who_is_not_let_in_or_not_answered_is_told_which(server, tomo1):
    server.stop()
    lines = await asked(tomo1, None)
    assert (lines[Topic.REACH].sign, lines[Topic.KEYS].sign) == (Sign.BAD, Sign.UNASKED)
    server.key.with_suffix(".pub").write_text("")
    server.start()
    lines = await asked(tomo1, None)
    assert (lines[Topic.REACH].sign, lines[Topic.KEYS].sign) == (Sign.GOOD, Sign.BAD)
    assert lines[Topic.KEYS].remedy == "A login without a password is needed: ssh-copy-id tomo1"
