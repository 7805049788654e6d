import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.worker.client import Worker
from tomobatch.worker.crew import ENOUGH, Crew
from unit.worker.aid import PROGRAM, share_import_path


@pytest.fixture
async def crew(monkeypatch):
    share_import_path(monkeypatch)
    made = Crew(Worker(PROGRAM), lambda: Worker(PROGRAM), most=3)
    yield made
    await made.close()


async def test_a_little_work_is_done_by_one(crew):
    (alone,) = crew.members(0)
    assert list(crew.members(2 * ENOUGH - 1)) == [alone]


async def test_much_work_is_shared_by_the_same_workers_each_time(crew):
    three = list(crew.members(1000 * ENOUGH))
    assert len(set(three)) == 3
    assert list(crew.members(1000 * ENOUGH)) == three
    assert list(crew.members(2 * ENOUGH)) == three[:2]


async def test_all_end_with_the_crew(crew):
    members = crew.members(1000 * ENOUGH)
    for worker in members:
        await worker.call("tomobatch.scans.listing:list_folder", "/", timeout_s=30)
    pids = [worker._child.pid for worker in members]
    assert len(set(pids)) == 3
    await crew.close()
    for worker in members:
        with pytest.raises(TomoBatchError, match="ended"):
            await worker.call("tomobatch.scans.listing:list_folder", "/", timeout_s=30)
