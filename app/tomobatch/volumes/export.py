"""A slice as a file: the values for other programs, or a picture with its scale bar for a report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image, ImageDraw, ImageFont

import tomobatch
from tomobatch.names import shown
from tomobatch.volumes.averaging import screen_pixels
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.contrast import Bytes, Levels, to_8_bit
from tomobatch.volumes.lengths import PixelLength, bar_um, length_text
from tomobatch.volumes.new_file import write_new
from tomobatch.volumes.source import Floats

MOST_SIDE_PX = 8192
"""A picture is never longer; larger slices are averaged down by a whole number."""
_NARROWEST_PX = 320
_BAND_ROWS = 32
_UM_PER_CM = 1e4
# TIFF has no larger numbers for pixels a centimetre, nor for what they are shares of.
_MOST_PER_CM = 2.0**32 - 1
_WHITE, _BLACK, _GREY = (255, 255, 255), (0, 0, 0), (190, 190, 190)


@dataclass(frozen=True)
class About:
    """What is known of a slice that is written.

    Parameters
    ----------
    scan
        Name of the scan's file.
    label
        What tells the slice from the others: ``COR 296.00``.
    cor_px
        Its COR, in unbinned full-frame pixels; None but for a Try.
    pixel
        What a pixel measures; None where the file does not tell.
    length_down
        Whether rows are a length, too: those of a sinogram are angles.
    row
        Of a Try, the detector row; else None.
    """

    scan: str
    label: str
    cor_px: float | None = None
    pixel: PixelLength | None = None
    length_down: bool = True
    row: int | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """How values become colours.

    Parameters
    ----------
    levels
        Values at the first and the last colour.
    table
        Red, green and blue of each grey of `to_8_bit`, (256, 3).
    font
        File of the font of words.
    """

    levels: Levels
    table: Bytes
    font: Path


def write_tiff(path: Path, data: Floats, about: About) -> Path:
    """Write a slice's values as float32, bit for bit; gives the place, see `write_new` for it and errors."""
    return write_new(path, partial(_write_tiff, data=data, about=about))


def _write_tiff(path: Path, data: Floats, about: About) -> None:
    size = (about.pixel.um if about.pixel else None, about.pixel.um if about.pixel else None)
    if not about.length_down:
        size = (size[0], None)
    told = {
        "scan": about.scan,
        "slice": about.label,
        "row": about.row,
        "cor_px": about.cor_px,
        "pixel_width_um": size[0],
        "pixel_height_um": size[1],
        "pixel_source": about.pixel.words if about.pixel else None,
    }
    # Without a unit the numbers of the resolution mean nothing: 1 and 1.
    um = about.pixel.um if about.pixel and about.length_down else None
    if um is not None and not _UM_PER_CM / _MOST_PER_CM < um < _UM_PER_CM * _MOST_PER_CM:
        um = None
    tifffile.imwrite(
        path,
        data,
        photometric="minisblack",
        metadata=None,
        software=f"TomoBatch {tomobatch.__version__}",
        description=json.dumps({key: value for key, value in told.items() if value is not None}),
        resolution=(_UM_PER_CM / um, _UM_PER_CM / um) if um else (1, 1),
        resolutionunit="CENTIMETER" if um else "NONE",
    )


def reduction(data: Floats) -> int:
    """So many pixels each way become one of a picture."""
    return -(-int(max(data.shape)) // MOST_SIDE_PX)


def write_png(path: Path, data: Floats, about: About, look: Look) -> Path:
    """Write a whole slice as a picture, what it is below it; see `write_new` for place and errors."""
    return write_new(path, partial(_write_png, data=data, about=about, look=look))


def _write_png(path: Path, data: Floats, about: About, look: Look) -> None:
    made = picture(data, about, look)
    made.save(path, format="PNG", compress_level=3)


def picture(data: Floats, about: About, look: Look) -> Image.Image:
    """The slice at the upper left with its scale bar at the lower right, and words below.

    A pixel of the slice is a pixel of the picture; only of a huge one a square of them is.
    """
    by = reduction(data)
    slice_only = Image.fromarray(_colored(data, look, by))
    width = max(slice_only.width, _NARROWEST_PX)
    size = max(13, slice_only.width // 60)
    font = ImageFont.truetype(str(look.font), size)
    lines = _lines(about, look, by)
    whole = Image.new("RGB", (width, slice_only.height + _height(size, len(lines))), _BLACK)
    whole.paste(slice_only)
    draw = ImageDraw.Draw(whole)
    if about.pixel is not None:
        _draw_bar(draw, slice_only.size, about.pixel.um * by, font)
    for number, line in enumerate(lines):
        draw.text((size // 2, slice_only.height + _height(size, number)), line, _GREY, font)
    return whole


def _height(size: int, lines: int) -> int:
    return size // 2 + lines * (size * 3 // 2)


def _colored(data: Floats, look: Look, by: int) -> npt.NDArray[np.uint8]:
    buffers = Buffers()
    values = _reduced(data, by, buffers) if by > 1 else data
    colors = look.table[to_8_bit(values, look.levels, buffers)]
    return np.ascontiguousarray(colors, dtype=np.uint8)


def _reduced(data: Floats, by: int, buffers: Buffers) -> Floats:
    """Averages over whole squares, what is left at the far edges cut off: a pixel is `by` pixels exactly.

    Band by band, since the slice may fill the memory already.
    """
    rows, columns = (size - size % by for size in data.shape)
    bands = [
        (0, first, columns, min(rows, first + by * _BAND_ROWS)) for first in range(0, rows, by * _BAND_ROWS)
    ]
    # A little more than it is: a number of pixels just below a whole one would lose one.
    scale = 1 / by + 1e-9
    made = [screen_pixels(data, band, scale, buffers).copy() for band in bands]
    return np.concatenate(made)


def _lines(about: About, look: Look, by: int) -> list[str]:
    place = "" if about.row is None else f" · row {about.row}"
    low, high = look.levels
    first = f"{shown(about.scan)}{place} · {shown(about.label)}"
    second = f"values {low:.4g} to {high:.4g}" + (f" · reduced {by}×" if by > 1 else "")
    return [first, second]


def _draw_bar(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], pixel_um: float, font: ImageFont.FreeTypeFont
) -> None:
    """White on a black rim: to be seen on anything."""
    length_um = bar_um(size[0] * pixel_um)
    length, thick = round(length_um / pixel_um), max(3, size[0] // 160)
    right, bottom = size[0] - 2 * thick - 1, size[1] - 2 * thick - 1
    left, top = right - length + 1, bottom - thick + 1
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), _BLACK)
    draw.rectangle((left, top, right, bottom), _WHITE)
    middle = ((left + right) / 2, top - thick)
    draw.text(middle, length_text(length_um), _WHITE, font, anchor="ms", stroke_width=2, stroke_fill=_BLACK)
