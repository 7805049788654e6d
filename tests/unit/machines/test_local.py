"""Local, where the contract's tests do not reach."""

import asyncio

import pytest

from tomobatch.machines.local import Local


@pytest.mark.parametrize("argv", [["/no/such/program"], ["sleep", "600"]])
async def test_a_cancelled_probe_is_cancelled_whether_or_not_it_could_be_spawned(argv):
    local = Local()
    probing = asyncio.create_task(local.run_short(argv, timeout_s=60))
    await asyncio.sleep(0)
    probing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probing
    await local.close()
