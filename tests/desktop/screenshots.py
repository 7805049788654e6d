"""Pictures of the main states of the window, dark and light: ``python -m desktop.screenshots FOLDER``.

All of it is real: demo scans, a scan that is no HDF5 file, a Try that fails, jobs of the embedded engine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
from PySide6.QtCore import Qt

from benchmarks.processes import own_home
from desktop.hands import Hands
from desktop.live import Play
from desktop.machine_screenshots import the_hosts, the_machines
from desktop.steps import back_to_table, has_status, open_folder, picture_is_shown, read_banners, rest
from desktop.viewer_screenshots import the_tools
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.formats.demo import write_demo_scans

SCANS, FILES = 6, 7
SIZES = ((1920, 1080), (1280, 800))
LOOKS = [("dark", 1.0), ("light", 1.0), ("dark", 1.5)]


async def main_states(hands: Hands, data: str, port: int) -> None:
    """From the empty window to the closing question."""
    await hands.wait(lambda: hands.app.ready)
    await hands.reach("tryDemo")
    hands.grab("01-empty")
    await open_folder(hands, Path(data), FILES)
    await hands.frame()
    hands.grab("02-folder")
    rows = [hands.row_id(f"demo_{number:04d}.h5") for number in range(1, SCANS + 1)]
    await the_pad(hands, rows[1])
    await the_tries(hands, rows)
    await the_full(hands, rows[0])
    await hands.click("logButton")
    await hands.reach("logClose")
    hands.grab("09-log")
    await hands.click("logClose")
    await the_table(hands, rows)
    await the_csv(hands, Path(data), rows)
    await the_pause(hands, rows)
    await the_removal(hands, rows)
    await the_machines(hands, port)
    await the_closing(hands, rows)


async def the_pad(hands: Hands, row: int) -> None:
    await hands.tap("cor", row)
    for key in ("6", "4"):
        await hands.tap(f"pad{key}")
    hands.grab("03-pad")
    await hands.tap("padOk")
    await hands.tap("padClose")
    await hands.wait(lambda: not hands.items("padOk"))


async def the_tries(hands: Hands, rows: list[int]) -> None:
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.reach("runConfirm")
    hands.grab("04-run-question")
    await hands.click("runConfirm")
    await hands.wait(lambda: hands.app.queue.progress > 0 and hands.app.queue.running, "jobs run")
    await hands.frame()
    hands.grab("05-batch-runs")
    await rest(hands)
    await has_status(hands, rows[-1], "Try Failed")
    await hands.frame()
    hands.grab("06-failed")
    await read_banners(hands)
    await hands.click("viewTry", rows[0])
    await picture_is_shown(hands, rows[0], "try")
    hands.grab("07-try")


async def the_full(hands: Hands, row: int) -> None:
    await hands.click("useThisCor")
    await back_to_table(hands)
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    await hands.wait(lambda: hands.app.notices.text, "the end is said")
    await read_banners(hands)
    await hands.click("viewFull", row)
    await picture_is_shown(hands, row, "full")
    hands.grab("08-full")
    await the_viewer(hands, row)
    await back_to_table(hands)


async def the_viewer(hands: Hands, row: int) -> None:
    """What it says where there is nothing, raw data, the slider in hand, and the whole middle."""
    viewer = hands.app.viewer
    other = hands.row_id("demo_0002.h5")
    for mode, file, name in (("full", other, "20-no-full"), ("raw", row, "21-raw")):
        viewer.show(file, mode)
        await hands.wait(lambda: viewer.state in ("shown", "error"), "a picture, or why there is none")
        await hands.frame()
        hands.grab(name)
    viewer.show(row, "try")
    await picture_is_shown(hands, row, "try")
    async with hands.pressed("sliceSlider"):
        await hands.frame()
        hands.grab("22-slider")
    if hands.items("viewerWhole"):
        await hands.click("viewerWhole")
        await picture_is_shown(hands, row, "try")
        hands.grab("23-whole")
        await hands.click("viewerWhole")
    await the_tools(hands, row)


async def the_table(hands: Hands, rows: list[int]) -> None:
    await hands.click("stateFilter")
    await hands.wait(lambda: hands.items("state_all"))
    hands.grab("12-states")
    await hands.key(Qt.Key.Key_Escape)
    # In a small window with big text it lies below.
    await hands.wheel("status", -20, rows[0])
    # A click on a list that still glides only holds it.
    await asyncio.sleep(1)
    await hands.click("status", rows[-1], place=(0.2, 0.3))
    await hands.reach("noteOutput")
    hands.grab("13-row-note")
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("noteOutput"))
    await hands.wheel("status", 20, rows[-1])


async def the_csv(hands: Hands, data: Path, rows: list[int]) -> None:
    """Another program changed two CORs, and so did a person."""
    await hands.click("saveCsv")
    await hands.wait(lambda: hands.app.notices.text, "it is said")
    await read_banners(hands)
    csv = data / CSV_NAME
    head, *lines = csv.read_text().splitlines()
    others = (f"{name},{float(cor) + 1}" for name, cor in (line.split(",") for line in lines))
    csv.write_text("\n".join([head, *others]))
    for row in rows[:2]:
        assert hands.app.cors.set(row, "50") == ""
    await hands.click("saveCsv")
    await hands.reach("corCancel")
    hands.grab("14-csv-conflicts")
    await hands.click("corCancel")
    await hands.wait(lambda: not hands.items("corCancel"))
    await hands.click("corMenu")
    await hands.reach("menuCsv")
    hands.grab("15-cor-menu")
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("menuCsv"))


async def the_pause(hands: Hands, rows: list[int]) -> None:
    await hands.click("runTry")
    await hands.reach("runConfirm")
    await hands.click("runOptions")
    await hands.frame()
    hands.grab("16-options")
    await hands.click("runConfirm")
    await hands.click("pause")
    await hands.wait(lambda: hands.app.queue.paused and hands.app.queue.waiting, "jobs wait")
    await hands.frame()
    hands.grab("17-paused")
    await hands.click("stop")
    await hands.click("stopConfirm")
    await rest(hands)
    await hands.click("pause")
    await hands.wait(lambda: not hands.app.queue.paused, "it goes on")
    await read_banners(hands)


async def the_removal(hands: Hands, rows: list[int]) -> None:
    await hands.click("removeSelected")
    await hands.reach("removeTakeOff")
    hands.grab("18-remove")
    await hands.click("removeCancel")
    await hands.click("deselectAll")
    for row in rows[:2]:
        await hands.click("select", row)
    await hands.click("removeSelected")
    await hands.click("removeTakeOff")
    await hands.wait(lambda: hands.app.notices.text, "it is said")
    await read_banners(hands)
    await hands.click("showHidden")
    await hands.frame()
    hands.grab("19-hidden-shown")
    await hands.click("putAllBack")
    await hands.click("selectAll")


async def the_closing(hands: Hands, rows: list[int]) -> None:
    await hands.click("runTry")
    await hands.click("runConfirm")
    await hands.wait(lambda: hands.app.queue.active, "jobs run")
    hands.window.close()
    await hands.reach("closeCancel")
    hands.grab("10-close-question")
    await hands.click("closeCancel")
    await hands.click("stop")
    await hands.reach("stopConfirm")
    hands.grab("11-stop-question")
    await hands.click("stopConfirm")
    await rest(hands)


def make_scans(folder: Path) -> Path:
    """Scans, of which one is not HDF5 and one has a hole that shows only when it is read."""
    data = folder / "scans"
    write_demo_scans(data, scans=SCANS, size=128)
    damage(data / f"demo_{SCANS:04d}.h5")
    broken = data / "notes_0001.h5"
    broken.write_text("not HDF5")
    # a file of this minute would be taken for one that is still being written
    os.utime(broken, (broken.stat().st_atime - 3600, broken.stat().st_mtime - 3600))
    return data


def damage(path: Path) -> None:
    """Spoil a piece of the projections; their checksums tell."""
    with h5py.File(path, "r+") as file:
        counts = file["exchange/data"][:]
        del file["exchange/data"]
        kept = file.create_dataset(
            "exchange/data", data=counts, chunks=(1, *counts.shape[1:]), fletcher32=True
        )
        place = kept.id.get_chunk_info(len(counts) // 2).byte_offset
    with path.open("r+b") as raw:
        raw.seek(place)
        raw.write(bytes(64))


def main(out: Path) -> None:
    """All pictures; each look in a home and with scans of its own."""
    shutil.rmtree(out, ignore_errors=True)
    for size in SIZES:
        for theme, text_scale in LOOKS:
            look = f"{size[0]}x{size[1]}-{theme}" + (f"-{text_scale:.0%}" if text_scale != 1 else "")
            with tempfile.TemporaryDirectory(prefix="tomobatch-pictures-") as name:
                os.environ.update(own_home(Path(name) / "home"))
                play = Play(Path(name) / "live")
                settings = {"theme": theme, "text_scale": text_scale}
                data = make_scans(Path(name))
                try:
                    with the_hosts(Path(name) / "far") as hosts:
                        play(
                            main_states, size=size, settings=settings, timeout_s=240, data=str(data), **hosts
                        )
                finally:
                    play.clean_up(Path(name) / "home")
                    for picture in sorted((Path(name) / "live").rglob("*.png")):
                        (out / look).mkdir(parents=True, exist_ok=True)
                        shutil.copy(picture, out / look)
            print(out / look, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
