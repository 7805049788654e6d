"""One scheduler at a time: the lease is the kernel's to give, also after a kill."""

import os
import signal
import subprocess
import sys

from tomobatch.batch.lease import Lease

HOLD = """
import sys, time
from pathlib import Path
from tomobatch.batch.lease import Lease
lease = Lease(Path(sys.argv[1]))
print(lease.try_take(), flush=True)
time.sleep(60)
"""


def test_a_second_process_gets_it_when_the_first_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline().strip() == "True"
    lease = Lease(tmp_path)
    assert not lease.try_take()
    assert lease.holder_pid() == holder.pid
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert lease.try_take()
    assert lease.holder_pid() == os.getpid()
    lease.release()


def test_given_back_it_is_free(tmp_path):
    first, second = Lease(tmp_path), Lease(tmp_path)
    assert first.try_take()
    assert not second.try_take()
    first.release()
    assert first.holder_pid() is None
    assert second.try_take()
    second.release()
