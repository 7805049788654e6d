"""Raw data of a scan: projections, flats, darks, sinograms; also while it is acquired."""

from __future__ import annotations

from pathlib import Path

from tomobatch.volumes.facts import is_fresh, stamp_of
from tomobatch.volumes.hdf5_source import Hdf5Source
from tomobatch.volumes.wanted import Part

# A writer that has been silent for longer does not come back to a file that cannot be opened.
_PATIENCE_S = 60.0


class Raw(Hdf5Source):
    """One part of a scan's raw data, values as they are counted, or with flats and darks taken out.

    Parameters
    ----------
    path
        The scan, absolute; DXchange or NXtomo.
    part
        Which part. Sinograms are (angles, columns) of one detector row each.

    Raises
    ------
    TomoBatchError
        What `tomobatch.formats.reader.open_scan` raises; ``no-flats``, ``no-darks``, ``flats-differ``,
        ``darks-differ`` where these are looked at, or projections are to be corrected without them. A file
        that is being written raises nothing: its one slice is `empty` until it can be opened.
    """

    def __init__(self, path: Path, part: Part) -> None:
        super().__init__(path, "raw", part.value)
        # Each of them is longer by a line with every projection that comes.
        self.lasting = part is not Part.SINOGRAMS

    def _may_come(self) -> bool:
        return is_fresh(stamp_of(self._path), _PATIENCE_S)
