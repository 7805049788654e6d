"""Phantoms whose projections are known exactly: ellipsoids and their line integrals.

Coordinates are the engine's: column c and row r of an n-wide slice lie at ``X = c - n/2`` and
``Y = n/2 - 1 - r``; a point falls on detector column ``u = X cosθ + Y sinθ + COR`` (0-based).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ellipsoid:
    """One body; lengths in units of the phantom's radius, heights likewise about the middle row.

    Parameters
    ----------
    x, y, z
        Centre.
    a, b, c
        Half axes.
    turn_deg
        Turn of the first axis from X towards Y.
    density
        Attenuation a unit of length, added where bodies overlap.
    """

    x: float
    y: float
    z: float
    a: float
    b: float
    c: float
    turn_deg: float
    density: float


Phantom = Sequence[Ellipsoid]


def project(
    phantom: Phantom,
    angles_deg: np.ndarray,
    heights: np.ndarray,
    columns: int,
    cor_px: float,
    radius_px: float,
) -> np.ndarray:
    """Line integrals of the phantom at the middle of each detector pixel.

    Parameters
    ----------
    phantom
        Bodies within a unit circle.
    angles_deg
        Shape (angles,).
    heights
        Height of each detector row in units of the radius, shape (rows,); see `row_heights`.
    columns
        Detector width in pixels.
    cor_px
        Detector column of the rotation axis, 0-based.
    radius_px
        Pixels in a unit of length.

    Returns
    -------
    numpy.ndarray
        float32 (angles, rows, columns), attenuation without unit (minus the logarithm of transmission).
    """
    result = np.zeros((angles_deg.size, heights.size, columns), np.float32)
    at = ((np.arange(columns) - cor_px) / radius_px).astype(np.float32)
    for body in phantom:
        _add_projections(result, body, np.deg2rad(angles_deg), heights, at)
    return result


def _add_projections(
    result: np.ndarray, body: Ellipsoid, theta: np.ndarray, heights: np.ndarray, at: np.ndarray
) -> None:
    turned = theta - np.deg2rad(body.turn_deg)
    width2 = (body.a * np.cos(turned)) ** 2 + (body.b * np.sin(turned)) ** 2
    middle = body.x * np.cos(theta) + body.y * np.sin(theta)
    offset2 = (at - middle[:, None].astype(np.float32)) ** 2 / width2[:, None].astype(np.float32)
    factor = (2 * body.density * body.a * body.b / np.sqrt(width2)).astype(np.float32)[:, None]
    for row, squeeze2 in enumerate(_cuts(body, heights)):
        if squeeze2 > 0:
            result[:, row] += factor * np.sqrt(np.maximum(squeeze2 - offset2, 0))


def _cuts(body: Ellipsoid, heights: np.ndarray) -> np.ndarray:
    """Square of the factor by which the body's cut at each height is smaller than its equator."""
    return np.asarray(1 - ((heights - body.z) / body.c) ** 2, np.float32)


def slice_image(
    phantom: Phantom, size: int, height: float, radius_px: float, oversample: int = 4
) -> np.ndarray:
    """The slice a perfect reconstruction would show, pixels averaged over their area.

    Parameters
    ----------
    phantom, radius_px
        As for `project`.
    size
        Width and height in pixels.
    height
        Of the detector row, in units of the radius.
    oversample
        Points a pixel side.

    Returns
    -------
    numpy.ndarray
        float32 (size, size), attenuation a pixel.
    """
    fine = (np.arange(size * oversample) + 0.5) / oversample - 0.5
    x = (fine - size / 2)[None, :] / radius_px
    y = (size / 2 - 1 - fine)[:, None] / radius_px
    image = np.zeros((fine.size, fine.size), np.float32)
    for body in phantom:
        squeeze2 = float(_cuts(body, np.array([height]))[0])
        image[_inside(body, x, y, squeeze2)] += body.density / radius_px
    return np.asarray(image.reshape(size, oversample, size, oversample).mean((1, 3), dtype=np.float32))


def _inside(body: Ellipsoid, x: np.ndarray, y: np.ndarray, squeeze2: float) -> np.ndarray:
    turn = np.deg2rad(body.turn_deg)
    along = (x - body.x) * np.cos(turn) + (y - body.y) * np.sin(turn)
    across = (y - body.y) * np.cos(turn) - (x - body.x) * np.sin(turn)
    return np.asarray((along / body.a) ** 2 + (across / body.b) ** 2 < squeeze2)


def row_heights(rows: int, radius_px: float) -> np.ndarray:
    """Heights of the middles of detector rows, in units of the radius, 0 at the middle of the detector."""
    return (np.arange(rows) - (rows - 1) / 2) / radius_px


def random_phantom(rng: np.random.Generator, bodies: int = 12, thickness: float = 1.6) -> list[Ellipsoid]:
    """A sample-like phantom: a shell with grains and holes inside, within the unit circle.

    Parameters
    ----------
    rng
        Where chance comes from; the same state gives the same phantom.
    bodies
        Grains and holes.
    thickness
        Attenuation (minus the logarithm of transmission) through the middle of the shell.
    """
    a, b = rng.uniform(0.82, 0.98, 2)
    density = thickness / 2
    turn_deg = rng.uniform(0, 180)
    shell = Ellipsoid(0, 0, 0, a, b, 1.5, turn_deg, density)
    core = Ellipsoid(0, 0, 0, 0.93 * a, 0.93 * b, 1.4, turn_deg, -0.5 * density)
    return [shell, core, *(_grain(rng, density) for _ in range(bodies))]


def _grain(rng: np.random.Generator, density: float) -> Ellipsoid:
    reach, angle = 0.62 * np.sqrt(rng.uniform(0, 1)), rng.uniform(0, 2 * np.pi)
    a, b, c = rng.uniform(0.04, 0.16, 3)
    return Ellipsoid(
        x=float(reach * np.cos(angle)),
        y=float(reach * np.sin(angle)),
        z=float(rng.uniform(-0.3, 0.3)),
        a=a,
        b=b,
        c=2 * c,
        turn_deg=rng.uniform(0, 180),
        density=density * float(rng.choice([-0.4, 0.6, 1.2])),
    )
