"""Which kind of file system a folder lies on."""

from __future__ import annotations

from pathlib import Path

_NETWORK = ("nfs", "cifs", "smb", "afs", "ceph", "lustre", "gpfs", "beegfs", "fuse.sshfs", "9p", "glusterfs")


def is_network_file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """True where `folder` lies on a file system shared between hosts.

    Parameters
    ----------
    mounts
        The kernel's table of mounts (proc(5)); a parameter for tests.
    """
    place = folder.resolve()
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(_unescape(before.split(" ")[4]))
        # The last mount of the longest path is the one that is seen.
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind.startswith(_NETWORK)


def _unescape(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
