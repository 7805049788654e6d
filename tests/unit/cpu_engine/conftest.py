"""Small scans with a known truth, and two ways to run the engine: in this process and in one of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pytest

from tomobatch.cpu_engine.main import main
from tomobatch.formats import phantom

APP = Path(__file__).resolve().parents[3] / "app"
RUN = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"


@dataclass
class Recipe:
    """A scan to write; `cor_px` is the true one."""

    columns: int = 64
    rows: int = 6
    angles: int = 60
    turn_deg: float = 180.0
    cor_px: float = 30.0
    radius_px: float = 24.0
    seed: int = 3
    counts: float = 50_000.0
    noise: bool = False
    dtype: str = "uint16"
    chunks: tuple[int, int, int] | None = None
    leave_out: tuple[str, ...] = ()
    extra: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def angles_deg(self) -> np.ndarray:
        return np.arange(self.angles) * self.turn_deg / self.angles

    @property
    def bodies(self) -> list[phantom.Ellipsoid]:
        return phantom.random_phantom(np.random.default_rng(self.seed))

    def attenuation(self) -> np.ndarray:
        heights = phantom.row_heights(self.rows, self.radius_px)
        return phantom.project(
            self.bodies, self.angles_deg, heights, self.columns, self.cor_px, self.radius_px
        )

    def truth(self, row: int) -> np.ndarray:
        height = phantom.row_heights(self.rows, self.radius_px)[row]
        return phantom.slice_image(self.bodies, self.columns, height, self.radius_px)


def write_scan(path: Path, recipe: Recipe) -> Path:
    counts = 100 + (recipe.counts - 100) * np.exp(-recipe.attenuation())
    frame = (recipe.rows, recipe.columns)
    rng = np.random.default_rng(recipe.seed)
    if recipe.noise:
        counts = rng.poisson(counts)
    content = {
        "data": counts.round() if recipe.dtype.startswith("u") else counts,
        "data_white": np.full((4, *frame), recipe.counts),
        "data_dark": np.full((4, *frame), 100.0),
        "theta": recipe.angles_deg,
    } | recipe.extra
    with h5py.File(path, "w") as file:
        for name, values in content.items():
            if name in recipe.leave_out:
                continue
            kind = "float64" if name == "theta" else recipe.dtype
            packed = (
                {"chunks": recipe.chunks, "compression": "gzip"} if name == "data" and recipe.chunks else {}
            )
            file.create_dataset(f"exchange/{name}", data=values.astype(kind), **packed)
    return path


@pytest.fixture
def make_scan(tmp_path):
    """Write a scan with these properties of a `Recipe`; its path and recipe."""

    def make(name="scans/sample.h5", **properties):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        recipe = Recipe(**properties)
        return write_scan(path, recipe), recipe

    return make


@pytest.fixture
def recon(capsys):
    """Run the engine here: its status, stdout and stderr."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def full(recon, tmp_path):
    """Reconstruct a Full as TIFF into a folder of its own; the folder. It must end well."""

    def run(scan, *arguments, out="out"):
        place = tmp_path / out
        status, _, err = recon(
            "--reconstruction-type=full", f"--file-name={scan}", f"--out-path-name={place}", *arguments
        )
        assert status == 0, err
        return place

    return run


@pytest.fixture
def start_engine():
    """Start the engine in a process of its own."""
    started = []

    def start(*arguments, **settings):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=APP,
            **settings,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
