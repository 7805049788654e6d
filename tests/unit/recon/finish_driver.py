"""Run `finish` again and again, cut off before its first, second, … change of the disk.

Reads a JSON object from stdin: request, facts, template, work, fault. For each change it restores the folder
`work` from `template`, forks a child that is killed (fault "kill") or given an error (an errno) there, and
writes a line of JSON: what lay on disk then, and what `finish` said and left when it was run once more.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import h5py  # noqa: F401 - loaded once, before the forks
import tifffile  # noqa: F401

from tomobatch.recon.finish import finish

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}


def tree(work):
    return sorted(str(path.relative_to(work)) for path in work.rglob("*"))


def fault_before(change, fault, work):
    seen = 0

    def hook(event, args):
        nonlocal seen
        written = event == "open" and isinstance(args[1], str) and "w" in args[1]
        if not (event in CHANGES or written) or not str(args[0]).startswith(work):
            return
        seen += 1
        if seen == change and fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if seen == change:
            raise OSError(fault, os.strerror(fault))

    sys.addaudithook(hook)


def run(job, change, answer):
    """One run in a child; whether it was cut off, or its answer."""
    child = os.fork()
    if child == 0:
        if change:
            fault_before(change, job["fault"], job["work"])
        said = finish(job["request"], job["facts"])
        os.write(answer, json.dumps(said).encode())
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def said_by(job, change):
    reading, writing = os.pipe()
    status = run(job, change, writing)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    return status, json.loads(text) if text else None


def main():
    job = json.load(sys.stdin)
    work = Path(job["work"])
    for change in range(1, 1000):
        shutil.rmtree(work)
        shutil.copytree(job["template"], work, symlinks=True)
        status, said = said_by(job, change)
        between = tree(work)
        again = said_by(job, 0)[1]
        whole = status == 0 and said["code"] == "good"
        line = {"status": status, "said": said, "between": between, "again": again, "after": tree(work)}
        print(json.dumps(line | {"whole": whole}), flush=True)
        if whole:
            return


main()
