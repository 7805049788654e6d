"""The machine list: what a person may write into it, and what becomes of it."""

import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tomobatch.config.machine_checks import (
    engine_problem,
    environment_problem,
    host_problem,
    name_problem,
    pairs_problem,
)
from tomobatch.config.machines import (
    DEFAULT_MACHINES,
    HEAD,
    LOCAL,
    MachineEntry,
    MachineKind,
    PathPair,
    machines_path,
    read_machines,
    write_machines,
)
from tomobatch.errors import TomoBatchError

HERE = MachineEntry(LOCAL, MachineKind.LOCAL, gpus=2, engine="cpu", in_any=False)
TOMO1 = MachineEntry(
    "tomo1",
    host="ada@tomo1.example",
    gpus=8,
    environment="source /opt/conda/bin/activate\nconda activate tomocupy",
    engine="/opt/tomo cupy/bin/tomocupy",
    paths=(PathPair("/data", "/mnt/data"), PathPair("/home", "/net/home")),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "machines.toml"


def put(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def names(path):
    return [entry.name for entry in read_machines(path)[0]]


def test_without_a_file_there_are_local_and_five_servers(path):
    assert read_machines(path) == (DEFAULT_MACHINES, "")
    assert names(path) == ["Local", "tomo1", "tomo2", "tomo3", "tomo4", "tomo5"]


def test_what_was_written_is_read_back_and_can_be_read_by_people(path):
    write_machines(path, [HERE, TOMO1])
    assert read_machines(path) == ((HERE, TOMO1), "")
    text = path.read_text()
    assert text.startswith(HEAD)
    assert 'host = "ada@tomo1.example"' in text
    assert [file.name for file in path.parent.iterdir()] == ["machines.toml"]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_lies_beside_the_settings():
    assert machines_path().name == "machines.toml"
    assert machines_path().parent.name == "tomobatch"


ODD = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"', "\\", "'''", '"""', "#", "[x]", "=", "\N{RIGHT-TO-LEFT OVERRIDE}", "é", "\u00e9".encode().hex()]
)
PLACES = st.builds("/{}".format, ODD)
MACHINES = st.builds(
    MachineEntry,
    name=ODD,
    host=ODD,
    gpus=st.integers(-1, 10),
    environment=st.text(st.sampled_from("a'\"\\ \n\t$`#é"), max_size=20) | ODD,
    engine=st.sampled_from(["auto", "cpu", ""]) | PLACES,
    paths=st.lists(st.builds(PathPair, PLACES, PLACES), max_size=3).map(tuple),
    in_any=st.booleans(),
)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(entries=st.lists(MACHINES, max_size=4))
def test_whatever_is_accepted_comes_back_as_it_was(path, entries):
    good = [HERE]
    for entry in entries:
        if not entry.problems([known.name for known in good]):
            good.append(entry)
    write_machines(path, good)
    assert read_machines(path) == (tuple(good), "")


@pytest.mark.parametrize("text", [b"machine = ", b"\xff\xfe", b'machine = "tomo1"', b"", b"[machine]\n"])
def test_a_file_that_is_no_list_is_set_aside_and_said(path, text):
    put(path, text)
    found, sentence = read_machines(path)
    assert found == DEFAULT_MACHINES
    (aside,) = path.parent.glob("machines.toml.broken-*")
    assert aside.read_bytes() == text
    assert str(aside) in sentence
    assert read_machines(path) == (DEFAULT_MACHINES, "")


def test_a_file_that_cannot_be_read_is_said_and_not_written_over(path):
    path.mkdir(parents=True)
    found, sentence = read_machines(path)
    assert found == DEFAULT_MACHINES
    assert "cannot be read" in sentence
    with pytest.raises(OSError, match="directory"):
        write_machines(path, DEFAULT_MACHINES)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("host = 3", "“host” is of the wrong kind"),
        ("", "Give the SSH alias or the host"),
        ('host = "-oProxyCommand=reboot"', "begin with “-”"),
        ('host = "a b"', "no blanks"),
        ('host = "x"\ngpus = 9', "1 to 8"),
        ('host = "x"\ngpus = true', "“gpus” is of the wrong kind"),
        ('host = "x"\nkind = "slurm"', "neither local nor ssh"),
        ('host = "x"\nkind = "local"', "is called Local"),
        ('host = "x"\nengine = "tomopy"', "whole path"),
        ('host = "x"\npaths = [{ here = "/data" }]', "“there” is missing"),
        ('host = "x"\npaths = [{ here = "data", there = "/d" }]', "from / on"),
        ('host = "x"\npaths = ["/data"]', "no table"),
        ('host = "x"\nenvironment = "a\\u0000b"', "cannot be seen"),
    ],
)
def test_a_machine_that_makes_no_sense_is_left_out_and_the_others_count(path, damage, why):
    put(path, f'[[machine]]\nname = "bad"\n{damage}\n\n[[machine]]\nname = "good"\nhost = "good"\n')
    before = path.read_bytes()
    found, sentence = read_machines(path)
    assert [entry.name for entry in found] == ["Local", "good"]
    assert sentence.startswith("The machine “bad” is left out of the list: ")
    assert why in sentence
    assert path.read_bytes() == before
    write_machines(path, found)
    (kept,) = path.parent.glob("machines.toml.before-*")
    assert kept.read_bytes() == before


def test_two_of_a_name_are_not_both_taken(path):
    put(
        path,
        '[[machine]]\nname = "a"\nhost = "x"\n[[machine]]\nname = "A"\nhost = "y"\n[[machine]]\ngpus = 3\n',
    )
    found, sentence = read_machines(path)
    assert [entry.host for entry in found] == ["", "x"]
    assert "There is a machine A already" in sentence
    assert "The machine number 3 is left out of the list: “name” is missing." in sentence


def test_local_is_always_there_and_first(path):
    put(path, '[[machine]]\nname = "a"\nhost = "x"\n[[machine]]\nname = "Local"\ngpus = 2\n')
    assert names(path) == ["Local", "a"]
    assert read_machines(path)[0][0].gpus == 2
    put(path, '[[machine]]\nname = "a"\nhost = "x"\n[[machine]]\nname = "Local"\nhost = "x"\n')
    found, sentence = read_machines(path)
    assert (found[0], found[1].name) == (DEFAULT_MACHINES[0], "a")
    assert "“Local” is left out" in sentence


def test_nothing_that_makes_no_sense_is_written(path):
    for entries in ([TOMO1], [HERE, MachineEntry("x")], [HERE, TOMO1, TOMO1]):
        with pytest.raises(TomoBatchError) as caught:
            write_machines(path, entries)
        assert caught.value.code == "machine-entry"
    assert not path.exists()


def test_remarks_and_keys_of_another_version_are_kept_beside(path):
    put(path, '# mine\n[[machine]]\nname = "a"\nhost = "x"\nslurm = "gpu"\n')
    before = path.read_bytes()
    write_machines(path, read_machines(path)[0])
    (kept,) = path.parent.glob("machines.toml.before-*")
    assert kept.read_bytes() == before
    write_machines(path, [HERE])
    assert list(path.parent.glob("machines.toml.before-*")) == [kept]


def test_a_full_disk_leaves_the_list_as_it_was(small_disk):
    path = small_disk / "machines.toml"
    write_machines(path, [HERE, TOMO1])
    (small_disk / "filling").write_bytes(b"x")
    with (small_disk / "filling").open("wb", buffering=0) as filling:
        while True:
            try:
                filling.write(bytes(1 << 16))
            except OSError:
                break
    with pytest.raises(OSError, match="space"):
        write_machines(path, [HERE, *(MachineEntry(f"m{number}", host="x" * 200) for number in range(99))])
    assert read_machines(path) == ((HERE, TOMO1), "")
    assert {file.name for file in small_disk.iterdir()} == {"filling", "machines.toml"}


def test_the_sentences_of_the_fields():
    assert name_problem("tomo 6", ["tomo1"]) == ""
    assert "needs a name" in name_problem("  ")
    assert "stands for all machines" in name_problem("any machine")
    assert "already" in name_problem("TOMO1", ["tomo1"])
    assert "cannot be seen" in name_problem("a\nb")
    assert "too long" in name_problem("a" * 41)
    assert host_problem("ada@tomo1") == host_problem("[::1]") == ""
    assert host_problem("SITE\\ada@tomo1") == ""
    for host in ("$(reboot)", "a;b", "a,b", "*", "a`b`@tomo1"):
        assert "more than themselves" in host_problem(host)
    assert environment_problem("module load tomocupy\n\tconda activate é") == ""
    assert "cannot be seen" in environment_problem("a\x1bb")
    assert engine_problem("/opt/bin/tomocupy") == ""
    assert "path on that machine" in engine_problem("")
    assert "“..”" in engine_problem("/opt/../tomocupy")
    assert pairs_problem([("/a", "/b"), ("/b", "/a")]) == ""
    assert pairs_problem([("/a", "/b"), ("/a/", "/c")]) == "/a stands twice among the folders here."
    assert pairs_problem([("/a", "/b"), ("/c", "/b")]) == "/b stands twice among the folders there."
    assert "A path is missing" in pairs_problem([("/a", "")])


def test_a_path_goes_there_and_back_by_the_longest_folder():
    entry = MachineEntry("a", host="a", paths=(PathPair("/data", "/mnt"), PathPair("/data/2026", "/new")))
    assert entry.there("/data/2026/x.h5") == "/new/x.h5"
    assert entry.there("/database/x") == "/database/x"
    assert entry.here(entry.there("/data/old/x.h5")) == "/data/old/x.h5"
