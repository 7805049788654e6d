"""The embedded engine as a user gets it, its physical limits, and peers on the same sinogram."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median as middle

import numpy as np
from inotify_simple import INotify, flags

from benchmarks import peers
from benchmarks.processes import TOMOBATCH, Cost, call_timed, median, own_home, run_timed
from benchmarks.scan import PhantomScan, read_slice, write_scan
from benchmarks.table import Column, table
from tomobatch.cpu_engine.fbp import Projector
from tomobatch.cpu_engine.machine import thread_count
from tomobatch.cpu_engine.nufft import make_transform

ROWS, FEW_ROWS, CANDIDATES = 32, 2, 40
WINDOWS = ("ramp", "shepp")
# Width of the slices and number of projections.
SHAPES = ((512, 384), (1024, 768), (2048, 1500))
QUICK_SHAPES = ((128, 96), (256, 192))
START_SHAPE = (512, 384)

_READ_BYTES = 1 << 20


def measure(quick: bool) -> dict[str, object]:
    """All figures of the engine."""
    shapes, repeats = (QUICK_SHAPES, 1) if quick else (SHAPES, 3)
    with tempfile.TemporaryDirectory(prefix="tomobatch-bench-") as name:
        folder = Path(name)
        env = own_home(folder / "home")
        speed, compared = [], []
        for size, angles in shapes:
            scan = write_scan(folder / f"{size}.h5", size, angles, ROWS)
            speed.append(_speed(scan, folder, env, repeats))
            compared += _beside_peers(scan, speed[-1])
            scan.path.unlink()
        start = _start(write_scan(folder / "start.h5", *START_SHAPE, ROWS), folder, env, 2 if quick else 9)
    missing = [name for name, module, _, _ in peers.PEERS if not peers.is_there(module)]
    return {"speed": speed, "peers": compared, "start": start, "missing_peers": missing}


# -- the engine -----------------------------------------------------------------------------


class _Engine:
    """``tomobatch recon`` on one scan."""

    def __init__(self, scan: PhantomScan, folder: Path, env: dict[str, str]) -> None:
        self._scan, self._out, self._env = scan, folder / "out", env

    def run(self, kind: str, slices: int, *options: str, window: str = "ramp") -> tuple[Cost, np.ndarray]:
        """Run it to the end; what it cost, and the last slice it made."""
        cost = run_timed(recon(self._scan, kind, self._out, f"--fbp-filter={window}", *options), self._env)
        files = sorted(self._out.glob("*.tiff"))
        if len(files) != slices:
            raise RuntimeError(f"the engine made {len(files)} slices instead of {slices}")
        last = read_slice(files[-1])
        shutil.rmtree(self._out)
        return cost, last


def recon(scan: PhantomScan, kind: str, out: Path, *options: str) -> list[str]:
    return [
        *(TOMOBATCH, "recon", f"--reconstruction-type={kind}", f"--file-name={scan.path}"),
        *(f"--rotation-axis={scan.cor_px}", f"--out-path-name={out}", *options),
    ]


def _speed(scan: PhantomScan, folder: Path, env: dict[str, str], repeats: int) -> dict[str, object]:
    engine = _Engine(scan, folder, env)
    few = f"--end-row={FEW_ROWS}"
    trial = ("--center-search-step=0.5", f"--center-search-width={CANDIDATES / 4}")
    fulls, few_rows, trials = [], [], []
    for _ in range(repeats):
        fulls.append(engine.run("full", ROWS)[0])
        few_rows.append(engine.run("full", FEW_ROWS, few)[0])
        trials.append(engine.run("try", CANDIDATES, *trial)[0])
    full, start = median(fulls), median(few_rows)
    slice_s, slice_cpu_s = (
        (most - least) / (ROWS - FEW_ROWS) for most, least in zip(full, start, strict=True)
    )
    limit = _transforms(scan, 2 * repeats)
    return {
        "size": scan.size, "angles": scan.angles_deg.size, "rows": scan.rows,
        "full_s": full.wall_s, "few_rows_s": start.wall_s, "try_s": median(trials).wall_s,
        "slice_s": slice_s, "slice_cpu_s": slice_cpu_s,
        "limit_s": limit.wall_s, "limit_cpu_s": limit.cpu_s, "over_limit": slice_cpu_s / limit.cpu_s,
        "read_slice_s": _read_s(scan.path) / ROWS,
        "errors": {
            window: scan.error_of(engine.run("full", FEW_ROWS, few, window=window)[1]) for window in WINDOWS
        },
    }  # fmt: skip


def _transforms(scan: PhantomScan, repeats: int) -> Cost:
    """Cost a slice of nothing but the transforms: the engine's plans, threads and two slices each."""
    projector = Projector(scan.angles_deg, scan.size, scan.size, "ramp", ROWS)
    samples = projector.weights.ravel()
    threads = thread_count()
    transforms = [make_transform(projector.rows, projector.columns, scan.size) for _ in range(threads)]

    def work(transform: Callable[[object], object]) -> None:
        for _ in range(repeats):
            transform(samples)

    with ThreadPoolExecutor(threads) as executor:
        list(executor.map(work, transforms))
        cost, _ = call_timed(lambda: list(executor.map(work, transforms)))
    return Cost(*(seconds / (2 * repeats * threads) for seconds in cost))


def _read_s(path: Path) -> float:
    """Seconds to read a file's bytes once, from the cache as the engine finds them."""

    def read() -> None:
        with path.open("rb", buffering=0) as file:
            while file.read(_READ_BYTES):
                pass

    return call_timed(read)[0].wall_s


# -- start ----------------------------------------------------------------------------------


def _start(scan: PhantomScan, folder: Path, env: dict[str, str], repeats: int) -> list[dict[str, object]]:
    """From the start of a process to its first slice on disk, beside interpreters that do next to nothing."""
    measured: dict[str, list[float]] = {}
    for _ in range(repeats):
        for code in ("pass", "import numpy"):
            bare = run_timed([sys.executable, "-c", code], env)
            measured.setdefault(f"python -c '{code}'", []).append(bare.wall_s)
        first = _first_slice_s(recon(scan, "full", folder / "out"), folder / "out", env)
        measured.setdefault(f"first {scan.size}² slice of a Full", []).append(first)
    return [
        {"what": what, "median_s": middle(times), "least_s": min(times)} for what, times in measured.items()
    ]


def _first_slice_s(argv: list[str], out: Path, env: dict[str, str]) -> float:
    out.mkdir()
    with INotify() as inotify:
        inotify.add_watch(out, flags.MOVED_TO)
        began = time.perf_counter()
        engine = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = inotify.read(timeout=60_000)
        taken_s = time.perf_counter() - began
    if engine.wait() != 0 or not seen:
        raise RuntimeError(f"no slice of {argv}")
    shutil.rmtree(out)
    return taken_s


# -- peers ----------------------------------------------------------------------------------


def _beside_peers(scan: PhantomScan, ours: dict[str, object]) -> list[dict[str, object]]:
    cost = Cost(ours["slice_s"], ours["slice_cpu_s"])
    reference = ours["errors"]["ramp"][0]
    rows = [
        _compared(scan, f"TomoBatch, {window}", cost, errors, cost, reference)
        for window, errors in ours["errors"].items()
    ]
    sinogram = peers.widened(scan.sinogram())
    for name, module, peer, widest in peers.PEERS:
        if peers.is_there(module) and scan.size <= widest:
            theirs, image = _peer(scan, peer, sinogram)
            errors = scan.error_of(peers.on_our_pixels(image))
            rows.append(_compared(scan, name, theirs, errors, cost, reference))
    return rows


def _peer(scan: PhantomScan, peer: peers.Peer, sinogram: np.ndarray) -> tuple[Cost, np.ndarray]:
    # Imports and compilers' first calls are not the method's.
    peer(sinogram[::4, : scan.size // 4 + 1].copy(), scan.angles_deg[::4])
    return call_timed(lambda: peer(sinogram, scan.angles_deg))


def _compared(
    scan: PhantomScan, program: str, cost: Cost, errors: tuple[float, float], ours: Cost, reference: float
) -> dict[str, object]:
    return {
        "size": scan.size, "program": program, "slice_s": cost.wall_s, "slice_cpu_s": cost.cpu_s,
        "times": cost.wall_s / ours.wall_s, "cpu_times": cost.cpu_s / ours.cpu_s,
        "rms_error": errors[0], "error_times": errors[0] / reference, "offset": errors[1],
    }  # fmt: skip


# -- tables ---------------------------------------------------------------------------------

_SPEED: tuple[Column, ...] = (
    ("size", "size", "d"),
    ("angles", "angles", "d"),
    (f"Full of {ROWS}, s", "full_s", ".2f"),
    (f"of {FEW_ROWS}, s", "few_rows_s", ".2f"),
    ("s/slice", "slice_s", ".4f"),
    ("core s/slice", "slice_cpu_s", ".4f"),
    ("NUFFT alone", "limit_s", ".4f"),
    ("core s", "limit_cpu_s", ".4f"),
    ("times that", "over_limit", ".2f"),
    ("file read", "read_slice_s", ".4f"),
    (f"Try of {CANDIDATES}, s", "try_s", ".2f"),
)
_PEERS: tuple[Column, ...] = (
    ("size", "size", "d"),
    ("program", "program", ""),
    ("s/slice", "slice_s", ".4f"),
    ("to ours", "times", ".1f"),
    ("core s/slice", "slice_cpu_s", ".4f"),
    ("to ours", "cpu_times", ".1f"),
    ("RMS error", "rms_error", ".3%"),
    ("to ours", "error_times", ".2f"),
    ("offset", "offset", ".3%"),
)
_START: tuple[Column, ...] = (
    ("from process start", "what", ""),
    ("median s", "median_s", ".3f"),
    ("least s", "least_s", ".3f"),
)


def report(figures: dict[str, object]) -> str:
    """Tables of what `measure` gives."""
    parts = [
        table("Embedded engine: whole processes; s/slice is the difference by row", _SPEED, figures["speed"]),
        table(
            "Beside peers: the same sinogram; errors in the circle, in % of the true slice's range",
            _PEERS,
            figures["peers"],
        ),
        table("Start", _START, figures["start"]),
    ]
    parts += [f"{name} is not installed: left out.\n" for name in figures["missing_peers"]]
    return "\n".join(parts)
