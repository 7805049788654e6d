"""Network file systems are recognised from the kernel's table of mounts."""

import pytest

from tomobatch.batch.filesystems import is_network_file_system

TABLE = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw
31 30 0:41 / /home/ada/local\\040disk rw - xfs /dev/sdb1 rw
32 22 0:42 / /data rw - ext4 /dev/sdc1 rw
33 32 0:43 / /data rw - lustre mds:/data rw
"""


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("/var/lib", False),
        ("/home/ada", True),
        ("/homework", False),
        ("/home/ada/local disk/state", False),
        ("/data/2026", True),
    ],
)
def test_the_last_mount_of_the_longest_path_counts(tmp_path, folder, network):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(TABLE)
    from pathlib import Path

    assert is_network_file_system(Path(folder), mounts) is network
