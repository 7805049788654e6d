"""A station of its own for each test."""

from dataclasses import replace

import pytest

from system.hosts import Hosts
from system.open_station import station_of
from system.stage import POOR, QUICK, Stage
from system.stand import ENGINE, Stand
from tomobatch.batch.services import Timing


@pytest.fixture
def stand(tmp_path, shared_data):
    made = Stand(tmp_path, shared_data)
    yield made
    made.clean_up()


@pytest.fixture
def hosts(stand):
    """Make hosts of these names with so many GPUs; see `Hosts`."""
    made = []

    def make(**options):
        made.append(Hosts(stand, **options))
        return made[-1]

    yield make
    for several in made:
        several.end()


@pytest.fixture
async def stage(stand, monkeypatch):
    for name in stand.env:
        monkeypatch.setenv(name, stand.env[name])
    opened = []

    async def make(*machines, engines=(), **timing):
        station = station_of({machine.name: machine for machine in machines}, Timing(**QUICK | timing))
        entries = [replace(entry, **dict(engines).get(entry.name, {})) for entry in station.machines.entries]
        station.machines.set(entries)
        opened.append(await station.__aenter__())
        return Stage(station, stand.data)

    yield make
    for station in opened:
        await station.__aexit__(None, None, None)


@pytest.fixture
def engine(tmp_path):
    def make(lacks):
        program = tmp_path / f"without-{lacks}"
        program.write_text(POOR.format(engine=ENGINE, lacks=lacks))
        program.chmod(0o755)
        return {"engine": str(program)}

    return make
