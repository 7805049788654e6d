"""A station and a real server to log in to: queued for any machine, run there, followed, put in place."""

import pytest

from machines.server import Server
from system.open_station import Open
from system.stand import ENGINE
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY, LOCAL, MachineEntry, MachineKind
from tomobatch.errors import TomoBatchError
from tomobatch.station.station import Station


@pytest.fixture
def server(tmp_path, own_home, stand):
    names = ("XDG_", "TOMOBATCH_", "REPLAY_", "PATH")
    kept = {name: value for name, value in stand.env.items() if name.startswith(names)}
    made = Server(tmp_path / "sshd", own_home, variables=kept)
    made.start()
    made.configure(own_home / ".ssh", "tomo1")
    yield made
    made.stop()


async def test_any_machine_over_a_real_connection(stand, server):
    stand.scans("scan_1.h5", "scan_2.h5")
    entries = [
        MachineEntry(LOCAL, MachineKind.LOCAL, in_any=False),
        MachineEntry("tomo1", host="tomo1", gpus=2, engine=str(ENGINE)),
    ]
    async with Station(timing=Timing(link_s=(0.1,)), entries=entries) as station:
        now = Open(station, stand.data)
        uids = await now.queue(ANY, "scan_1.h5", "scan_2.h5")
        await now.schedule()
        rows = [now.journal.row(uid) for uid in uids]
        assert [(row.state, row.job.machine, row.queued_for) for row in rows] == [
            (JobState.COMPLETE, "tomo1", ANY)
        ] * 2, rows
        assert {row.slot.word for row in rows} == {"GPU 0", "GPU 1"}
        assert all(station.log_path(row).read_bytes() for row in rows)
        server.stop()
        with pytest.raises(TomoBatchError):
            await station.machine("tomo1").call()
        assert station.jobs_at_a_time("tomo1", "GPU") == 0
    assert stand.runs() == {"scan_1.h5": 1, "scan_2.h5": 1}
