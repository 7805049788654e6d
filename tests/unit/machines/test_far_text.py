"""The functions that a far shell is given, asked one by one."""

import subprocess
from pathlib import Path

import pytest

from tomobatch.machines import far_side, wrapper

FAR = Path(far_side.__file__).with_name("far.sh")
WRAPPER = Path(wrapper.__file__).with_name("wrapper.sh")
WHOLE = "kind stopped\nstatus \nengine_start \nended_cs 7\nsteps \nswept 0\nleft \nwhy \nend\n"


def shown(folder):
    text = 'tb_library=yes; . "$1"; . "$2"; tb_show_status "$3"'
    command = ["sh", "-c", text, "sh", WRAPPER, FAR, folder]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=20).stdout


@pytest.mark.parametrize("room", ["", " " * 4096, "\n" + " " * 4095])
def test_a_status_is_shown_once_it_is_there(tmp_path, room):
    status = tmp_path / "status"
    status.write_text(room)
    assert shown(tmp_path) == ""
    status.write_text(WHOLE + room[len(WHOLE) :])
    assert shown(tmp_path) == WHOLE


def test_a_status_that_was_written_behind_the_readers_back_is_not_shown(tmp_path):
    """Who reads it byte by byte had come so far through the room when all of it was written."""
    (tmp_path / "status").write_text(" " * 10 + WHOLE[10:])
    assert shown(tmp_path) == ""
