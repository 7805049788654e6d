"""The station takes along what it has started on other hosts, before it lets go of these."""

import pytest

from tomobatch.batch.job import Job
from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.station.station import Station
from unit.machines.far_aid import FarHost, make_python
from unit.worker.aid import is_alive, until


class Closing(FarHost):
    alive_when_closed = None

    async def close(self):
        self.alive_when_closed = not self.judging.ended.done()


async def test_processes_on_other_hosts_end_with_the_station(tmp_path):
    host = Closing(make_python(tmp_path / "env").parent)
    async with Station({"tomo1": host}) as station:
        request = {"engine": {"program": ["tomocupy"]}}
        (row,) = station.journal.add([Job("j1", Kind.FULL, "/d/a.h5", "tomo1", "GPU", request, 0.0)])
        judges = station._services.judges
        with pytest.raises(TomoBatchError) as refused:
            await judges.ask(row, "tomobatch.recon.finish:discard", ({},), timeout_s=60, about="a.h5")
        assert refused.value.code == "request-unreadable"
        (worker,) = judges._workers.values()
        host.judging = worker._child
        (pid,) = host.sessions[0].children()
    assert host.alive_when_closed is False
    await until(lambda: not is_alive(pid))
    await host.end()
