"""Which keys are known of a host, and what may be written down of a new one."""

import asyncssh
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.machines.known_keys import KnownKeys, UnknownKey

KEY, OTHER = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))


def line(host, key):
    return f"{host} {key.export_public_key().decode()}"


@pytest.fixture
def known(tmp_path):
    def make(*lines):
        file = tmp_path / "known_hosts"
        file.write_text("".join(lines))
        return KnownKeys([str(file)], ())

    return make


def test_a_host_is_known_by_its_name_alone(known):
    keys = known(line("10.0.0.2", OTHER), line("tomo1", KEY))
    assert keys.trusted("tomo1", "10.0.0.2", None)[0] == [KEY.convert_to_public()]
    assert keys.judge("tomo1", 22, OTHER).code == "host-key-changed"
    assert keys.trusted("10.0.0.2", "", None)[0] == [OTHER.convert_to_public()]


def test_a_name_in_capitals_is_the_same_host(known):
    """As OpenSSH has it: else a changed key would pass for that of a new host."""
    keys = known(line("tomo1", KEY))
    assert keys.trusted("Tomo1", "", None)[0] == [KEY.convert_to_public()]
    assert keys.judge("TOMO1", 22, OTHER).code == "host-key-changed"


def test_a_revoked_key_is_not_asked_about(known):
    keys = known(f"@revoked {line('*', OTHER)}", line("tomo1", KEY))
    assert keys.trusted("tomo1", "", None)[2] == [OTHER.convert_to_public()]


@pytest.mark.parametrize("host", ["*", "a,b", "a b", "a\nb", "!a", "a?", "|1|a", "@revoked", "#a"])
def test_what_would_trust_other_hosts_too_is_not_written_down(known, host):
    refused = known().judge(host, 22, KEY)
    assert isinstance(refused, TomoBatchError)
    assert refused.code == "ssh-config"


def test_a_new_host_is_written_as_openssh_would(known):
    new = known().judge("Tomo1.example", 2222, KEY)
    assert isinstance(new, UnknownKey)
    assert (
        new.line == " ".join(["[tomo1.example]:2222", *KEY.export_public_key().decode().split()[:2]]) + "\n"
    )
