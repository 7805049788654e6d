"""Output of engines that failed, and the code that it is given."""

from tomobatch.recon.diagnosis import diagnose
from tomobatch.recon.engines import EngineKind

# Taken from the recorded failure, shortened.
MISSING = """2026-11-22 15:20:40,073 - \x1b[92mSaving log at /data/logs/x.log\x1b[0m
Traceback (most recent call last):
  File "<string>", line 1, in <module>
    with h5py.File(args.file_name) as file_in:
  File "h5py/h5f.pyx", line 106, in h5py.h5f.open
FileNotFoundError: [Errno 2] Unable to synchronously open file (unable to open file: name = 'scans/none.h5', \
errno = 2, error message = 'No such file or directory', flags = 0, o_flags = 0)
"""


def traceback(error, head="Traceback (most recent call last):"):
    """An invented traceback around a real error message."""
    return f'2026-11-22 15:20:33,975 - Full reconstruction\n{head}\n  File "rec.py", line 1, in f\n{error}\n'


def code_of(status=1, tail="", engine=EngineKind.TOMOCUPY, **more):
    found = diagnose(engine=engine, status=status, tail=tail, **more)
    assert found is None or (found.sentence and found.remedy)
    return found and found.code
