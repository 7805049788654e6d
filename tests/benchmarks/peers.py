"""Other programs' reconstruction of the very same sinogram.

They are given a sinogram one column wider than the scan, its last column repeated, so that the axis lies
exactly in the middle and nobody has to shift anything. Their images then have the axis on a pixel in the
middle; less the first row and the last column they lie on the engine's pixels. All give attenuation a pixel:
no scale, offset or turn is fitted to anybody. All filter with the plain ramp; interpolating between pixels
softens it in every peer, so the engine is shown with the window ``shepp`` too.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

Peer = Callable[[np.ndarray, np.ndarray], np.ndarray]


def widened(sinogram: np.ndarray) -> np.ndarray:
    """The sinogram (angles, size) with its axis, at ``size / 2``, in the middle."""
    return np.pad(sinogram, ((0, 0), (0, 1)), mode="edge")


def on_our_pixels(image: np.ndarray) -> np.ndarray:
    """The part of a peer's (size + 1)² image that lies on the engine's pixels."""
    return image[1:, :-1]


def algotom_dfi(sinogram: np.ndarray, angles_deg: np.ndarray) -> np.ndarray:
    """Direct Fourier inversion; the projection at 180°, which it wants, is the first one mirrored."""
    from algotom.rec.reconstruction import dfi_reconstruction

    closed = np.vstack((sinogram, sinogram[:1, ::-1]))
    middle = (closed.shape[1] - 1) / 2
    return dfi_reconstruction(closed, middle, filter_name=None, apply_log=False)


def astra_fbp(sinogram: np.ndarray, angles_deg: np.ndarray) -> np.ndarray:
    """FBP on the CPU, plain ramp, 'linear' projector: the faster and better one beside 'line'."""
    import astra

    width = sinogram.shape[1]
    volume = astra.create_vol_geom(width, width)
    geometry = astra.create_proj_geom("parallel", 1, width, np.radians(angles_deg))
    projector = astra.create_projector("linear", geometry, volume)
    given, made = astra.data2d.create("-sino", geometry, sinogram), astra.data2d.create("-vol", volume)
    ids = {"ProjectorId": projector, "ProjectionDataId": given, "ReconstructionDataId": made}
    algorithm = astra.algorithm.create({**astra.astra_dict("FBP"), **ids, "FilterType": "ram-lak"})
    try:
        astra.algorithm.run(algorithm)
        return astra.data2d.get(made)
    finally:
        astra.algorithm.delete(algorithm)
        astra.data2d.delete([given, made])
        astra.projector.delete(projector)


def skimage_iradon(sinogram: np.ndarray, angles_deg: np.ndarray) -> np.ndarray:
    """Filtered back-projection of scikit-image, plain ramp, linear interpolation."""
    from skimage.transform import iradon

    return iradon(sinogram.T, theta=angles_deg, filter_name="ramp", circle=True)


# Name, module, function, and the widest slice it is given: beyond, it takes minutes.
PEERS: tuple[tuple[str, str, Peer, int], ...] = (
    ("algotom DFI", "algotom", algotom_dfi, 4096),
    ("ASTRA FBP (CPU)", "astra", astra_fbp, 2048),
    ("scikit-image iradon", "skimage", skimage_iradon, 512),
)


def is_there(module: str) -> bool:
    """Whether the peer is installed."""
    return find_spec(module) is not None
