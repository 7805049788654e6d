"""The wheel, in a fresh environment without the sources, does the main job and opens its window."""

import os
import pwd
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from desktop.live import Play
from desktop.steps import look_around

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_does_the_main_job_and_opens_its_window(stand, tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    home = tmp_path / "fresh"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    # pip's own cache and settings, and none of the strictness meant for our own code
    plain = {
        name: value for name, value in stand.env.items() if name not in ("PYTHONWARNINGS", "XDG_CACHE_HOME")
    }
    plain["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    for what in (
        ["--require-hashes", "--requirement", str(ROOT / "requirements/run.lock")],
        ["--no-deps", str(wheel)],
    ):
        subprocess.run([*pip, *what], check=True, env=plain)
    program, data = home / "bin/tomobatch", tmp_path / "data"
    for arguments in (
        ["demo", data, "--scans", "1", "--size", "64"],
        ["run", "try", data, "--rotation-axis-auto=auto", "--center-search-width=2"],
        ["run", "full", data],
    ):
        command = [str(program), *map(str, arguments)]
        done = subprocess.run(
            command, env=stand.env, capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "data_rec/demo_0001_rec").glob("recon_*.tiff"))) == 16
    seen = Play(tmp_path / "live", python=home / "bin/python")(look_around)
    assert Path(seen["package"]).is_relative_to(home)
    assert Path(seen["qml"]).is_relative_to(home)
    assert seen["items"] == 4
