import os
import subprocess
import sys

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.formats.reader import open_scan
from unit.formats.files import write_dxchange, write_nxtomo


def code_of(path):
    with pytest.raises(TomoBatchError) as caught, open_hdf5(path):
        pass
    assert "\n" not in caught.value.sentence
    return caught.value.code


def test_what_cannot_be_opened(tmp_path):
    whole = write_dxchange(tmp_path / "whole.h5").read_bytes()
    (tmp_path / "half.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.h5").write_bytes(b"")
    (tmp_path / "text.h5").write_text("a log\n" * 1000)
    (tmp_path / "head.h5").write_bytes(whole[:8] + b"\xff" * 2000)
    assert code_of(tmp_path / "gone.h5") == "missing"
    assert code_of(tmp_path / "half.h5") == "truncated"
    assert code_of(tmp_path / "empty.h5") == "not-hdf5"
    assert code_of(tmp_path / "text.h5") == "not-hdf5"
    assert code_of(tmp_path / "head.h5") == "unreadable"
    assert code_of(tmp_path) == "not-hdf5"
    assert code_of(tmp_path / "whole.h5" / "below") == "unreadable"


def test_a_user_block_before_the_mark_is_allowed(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w", userblock_size=2048) as file:
        file["x"] = 1
    with open_hdf5(tmp_path / "a.h5") as file:
        assert file["x"][()] == 1


def test_a_file_marked_as_being_written_says_how_to_mend_it(tmp_path):
    script = (
        "import h5py, os, sys\n"
        "f = h5py.File(sys.argv[1], 'w', libver='latest'); f['x'] = 1; f.flush(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "a.h5")], check=True)
    with pytest.raises(TomoBatchError, match="h5clear") as caught, open_hdf5(tmp_path / "a.h5"):
        pass
    assert caught.value.code == "unreadable"


def test_a_pipe_in_place_of_a_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.h5")
    assert code_of(tmp_path / "pipe.h5") == "not-hdf5"


def test_a_file_of_someone_else(tmp_path):
    write_dxchange(tmp_path / "a.h5").chmod(0)
    tmp_path.chmod(0o755)
    script = (
        "import os, sys\n"
        "from tomobatch.errors import TomoBatchError\n"
        "from tomobatch.formats.reader import open_scan\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try:\n"
        "    with open_scan('a.h5'): pass\n"
        "except TomoBatchError as error: print(error.code)"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("permission\n", "")


@pytest.mark.parametrize("name", ["a b.h5", "$(x).h5", "-rf.h5", "new\nline.h5", "\udcff\udce9.h5", "é.h5"])
def test_odd_names(tmp_path, name):
    path = tmp_path / name
    with h5py.File(os.fsencode(path), "w") as file:
        file["x"] = 1
    with open_hdf5(path) as file:
        assert file["x"][()] == 1


def test_reading_leaves_the_writer_alone_even_through_links(tmp_path):
    write_dxchange(tmp_path / "raw.h5")
    with h5py.File(tmp_path / "master.h5", "w") as file:
        file["exchange/data"] = h5py.ExternalLink("raw.h5", "/exchange/data")
    script = "import h5py, sys\nf = h5py.File(sys.argv[1], 'a'); f['new'] = 1; f.close()"
    with open_hdf5(tmp_path / "master.h5") as file:
        assert file["exchange/data"][0, 0, 1] == 1
        for name in ("raw.h5", "master.h5"):
            subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=True)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    keys = [1, 0, 0, 2, 0]
    return (
        write_dxchange(folder / "a.h5", chunks=(4, 3, 5), compression="gzip").read_bytes(),
        write_nxtomo(folder / "a.nxs", keys).read_bytes(),
    )


# always the same damage: HDF5 itself may crash on some, which only the worker process survives
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damage_anywhere_gives_a_sentence_or_data(tmp_path, sound, data):
    spoilt = bytearray(data.draw(st.sampled_from(sound)))
    for _ in range(data.draw(st.integers(1, 12))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "spoilt.h5"
    path.write_bytes(spoilt[: data.draw(st.integers(1, len(spoilt)))])
    everything = slice(None)
    sentence = "fine"
    try:
        with open_scan(path) as scan:
            if scan.layout.angles * scan.layout.rows * scan.layout.columns < 10**7:
                assert np.isfinite(scan.projections(0, scan.layout.angles, everything, everything)).all()
    except TomoBatchError as error:
        sentence = error.sentence
    assert sentence.isprintable()
