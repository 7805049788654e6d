"""Small HDF5 scans of both layouts, whole or spoilt, for tests."""

import h5py
import numpy as np

ANGLES, ROWS, COLUMNS = 12, 6, 10


def pixels(frames=ANGLES, rows=ROWS, columns=COLUMNS, dtype=np.uint16):
    """Every pixel a number of its own."""
    return np.arange(frames * rows * columns).reshape(frames, rows, columns).astype(dtype)


def write_dxchange(path, data=None, flats=3, darks=2, theta=ANGLES, **storage):
    data = pixels() if data is None else data
    with h5py.File(path, "w") as file:
        file.create_dataset("exchange/data", data=data, **storage)
        frame = data.shape[1:]
        for name, count, value in (("data_white", flats, 1000), ("data_dark", darks, 10)):
            if count is not None:
                levels = value + np.arange(count, dtype=np.uint16)
                file[f"exchange/{name}"] = np.broadcast_to(levels[:, None, None], (count, *frame))
        if theta is not None:
            file["exchange/theta"] = np.linspace(0, 180, theta, endpoint=False)
    return path


def write_nxtomo(path, keys, entry="entry1/tomo_entry", angles=True, stored=None, **storage):
    """Frame number i of any kind holds only the value i."""
    keys = np.asarray(keys)
    stored = keys.size if stored is None else stored
    data = np.broadcast_to(np.arange(stored, dtype=np.uint16)[:, None, None], (stored, ROWS, COLUMNS))
    with h5py.File(path, "w") as file:
        detector = file.create_group(f"{entry}/instrument/detector")
        detector.create_dataset("data", data=data, **storage)
        detector["image_key"] = keys
        detector["x_pixel_size"] = 6.5e-6
        detector["x_pixel_size"].attrs["units"] = "m"
        if angles:
            file[f"{entry}/sample/rotation_angle"] = np.arange(keys.size) * 2.0
    return path
