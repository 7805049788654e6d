"""The entry in the applications' menu, wherever the program lies."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "launcher.sh"


def test_the_entry_starts_the_program_even_from_an_odd_folder(tmp_path, own_home):
    place = tmp_path / 'a "b" $HOME `c` 100% \\d'
    (place / "tools").mkdir(parents=True)
    shutil.copy(TOOL, place / "tools")
    (own_home / "Desktop").mkdir()
    env = {**os.environ, "PATH": "/usr/bin:/bin"}
    subprocess.run([place / "tools" / "launcher.sh"], env=env, check=True, capture_output=True)
    file = own_home / "data" / "applications" / "tomobatch.desktop"
    entry = configparser.RawConfigParser(strict=True)
    entry.optionxform = str
    entry.read(file)
    # First the file format's own escapes, then those of quoted arguments, then the field codes.
    quoted = re.fullmatch(r'"(.*)"', entry["Desktop Entry"]["Exec"].replace("\\\\", "\\"))[1]
    assert re.sub(r'\\([\\`"$])', r"\1", quoted).replace("%%", "%") == str(place / ".venv/bin/tomobatch")
    on_desktop = own_home / "Desktop" / "tomobatch.desktop"
    assert on_desktop.read_bytes() == file.read_bytes()
    assert os.access(on_desktop, os.X_OK)
