import json
import os
import subprocess
import sys
import threading

import h5py
import numpy as np
import pytest

from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.formats.layout import read_layout
from tomobatch.scans.facts import Facts, facts_from_json, inspect_file
from unit.formats.files import ANGLES, pixels, write_dxchange, write_nxtomo


def inspected(path):
    return facts_from_json(json.loads(json.dumps(inspect_file(str(path)))))


@pytest.mark.parametrize("storage", [{}, {"chunks": (4, 3, 5), "compression": "gzip"}])
def test_a_layout_survives_the_way_through_json(tmp_path, storage):
    path = write_dxchange(tmp_path / "a.h5", **storage)
    with h5py.File(path, "a") as file:
        file["/measurement/instrument/detection_system/objective/resolution"] = 1.5
    with open_hdf5(path) as file:
        assert inspected(path) == Facts(read_layout(file))
    path = write_nxtomo(tmp_path / "a.nxs", [1, 0, 0, 2])
    with open_hdf5(path) as file:
        assert inspected(path) == Facts(read_layout(file))


def test_errors_are_part_of_the_answer(tmp_path):
    (tmp_path / "a.h5").write_text("no")
    os.mkfifo(tmp_path / "pipe.h5")
    for name, code in [("a.h5", "not-hdf5"), ("gone.h5", "missing"), ("pipe.h5", "not-hdf5")]:
        facts = inspected(tmp_path / name)
        assert (facts.layout, facts.code, facts.changed) == (None, code, False)
        assert facts.sentence


def test_a_file_that_changes_while_it_is_inspected(tmp_path, monkeypatch):
    path = write_dxchange(tmp_path / "a.h5")

    def read_slowly(file):
        os.utime(path, ns=(1, 1))
        return read_layout(file)

    monkeypatch.setattr("tomobatch.scans.facts.read_layout", read_slowly)
    assert inspected(path).changed


WRITER = """
import sys, h5py, numpy as np
file = h5py.File(sys.argv[1], sys.argv[2], locking=True)
data = file.require_dataset("exchange/data", (0, 6, 10), np.uint16, maxshape=(None, 6, 10), chunks=(1, 6, 10))
if "exchange/theta" not in file: file["exchange/theta"] = np.arange(12.0)
file.flush()
for line in sys.stdin:
    data.resize(int(line), 0)
    data[-1] = int(line)
    file.flush()
    print(data.shape[0], flush=True)
file.close()
print("closed", flush=True)
"""


@pytest.mark.parametrize("mode", ["w", "a"])
def test_a_writer_goes_on_unharmed_while_its_file_is_inspected(tmp_path, mode):
    path = tmp_path / "growing.h5"
    stop = threading.Event()
    answers = []

    def inspect_all_the_time():
        while not stop.is_set():
            answers.append(inspected(path))

    arguments = [sys.executable, "-c", WRITER, str(path), mode]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        inspector = threading.Thread(target=inspect_all_the_time)
        inspector.start()
        for count in range(1, ANGLES + 1):
            writer.stdin.write(f"{count}\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == f"{count}\n"
            answers.append(inspected(path))
        writer.stdin.close()
        assert writer.stdout.readline() == "closed\n"
        assert writer.wait() == 0
        stop.set()
        inspector.join()
    assert all(facts.layout is not None or facts.sentence for facts in answers)
    final = inspected(path)
    assert final.layout.angles == final.layout.expected_angles == ANGLES
    with h5py.File(path) as file:
        assert file["exchange/data"][:, 0, 0].tolist() == list(range(1, ANGLES + 1))


def test_each_length_of_a_file_that_is_being_copied(tmp_path):
    whole = write_dxchange(tmp_path / "a.h5", data=pixels(dtype=np.uint8)).read_bytes()
    for length in range(0, len(whole), 97):
        (tmp_path / "b.h5").write_bytes(whole[:length])
        facts = inspected(tmp_path / "b.h5")
        assert facts.layout is None
        assert facts.code in {"truncated", "not-hdf5", "unreadable"}
