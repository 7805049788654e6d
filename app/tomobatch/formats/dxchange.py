"""The DXchange layout: ``/exchange/data``, ``data_white``, ``data_dark``, ``theta``."""

from __future__ import annotations

import h5py

from tomobatch.errors import TomoBatchError
from tomobatch.formats.contents import Angles, Contents, Reference, pair_angles
from tomobatch.formats.hdf5 import file_name, find_dataset, find_link, read_numbers
from tomobatch.formats.pixel_size import read_pixel_size
from tomobatch.formats.stack import Stack, frames_of

DATA = "/exchange/data"
FLATS = "/exchange/data_white"
DARKS = "/exchange/data_dark"
THETA = "/exchange/theta"
PROMISED = "/process/acquisition/rotation/num_angles"
RESOLUTION = "/measurement/instrument/detection_system/objective/resolution"


def is_dxchange(file: h5py.File) -> bool:
    """Whether the file has anything of this layout, a link that leads nowhere included."""
    return any(find_link(file, path) is not None for path in (DATA, FLATS, DARKS))


def read_dxchange(file: h5py.File) -> Contents:
    """Find projections and angles (degrees, whatever their ``units`` say)."""
    dataset = frames_of(find_dataset(file, DATA), DATA, file_name(file))
    stack = Stack(dataset, ((0, int(dataset.shape[0])),))
    angles = _angles(file, stack.frames)
    pixel_size = read_pixel_size(file, RESOLUTION)
    return Contents("dxchange", stack.first(angles.degrees.size), stack.frames, angles, pixel_size)


def _angles(file: h5py.File, frames: int) -> Angles:
    theta = read_numbers(file, THETA)
    promised = theta.size if theta is not None else _promised(file)
    return pair_angles(theta, frames, promised, file_name(file))


def _promised(file: h5py.File) -> int:
    """Angles the acquisition planned: detectors write this at the start, theta at the end."""
    try:
        numbers = read_numbers(file, PROMISED)
    except TomoBatchError:
        return 0
    return int(numbers[0]) if numbers is not None and 0 < numbers[0] < 1e7 else 0


def read_reference(file: h5py.File, path: str, code: str, word: str) -> Reference:
    """Flats or darks at `path`; `code` and `word` name them where they miss."""
    name = file_name(file)
    try:
        dataset = find_dataset(file, path)
        if dataset is None or not dataset.size:
            return Reference(
                TomoBatchError(code, f"{name} has no {word} ({path}); name a file that has them.")
            )
        frames_of(dataset, path, name)
    except TomoBatchError as error:
        return Reference(error)
    return Reference(Stack(dataset, ((0, int(dataset.shape[0])),)))
