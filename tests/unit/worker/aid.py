"""A serving process with functions that misbehave, and handles on it for tests."""

import asyncio
import os
import sys
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from tomobatch.worker.serve import main; main()"]

_AID = """
import os, subprocess, sys, time, types
from tomobatch.errors import TomoBatchError
from tomobatch.worker import serve

def echo(*values): return list(values)
def pid(): return os.getpid()
def sleep(seconds): time.sleep(seconds)
def die(signal): os.kill(os.getpid(), signal)
def mistake(): return 1 / 0
def refuse(sentence): raise TomoBatchError("no-way", sentence)
def chatter():
    print("out by Python")
    sys.stdout.flush()
    os.write(1, b"out by C\\n")
    subprocess.run(["echo", "out by a child"])
    return sys.stdin.read()
def mark(path, seconds):
    with open(path, "a") as file: file.write("b")
    time.sleep(seconds)
    with open(path, "a") as file: file.write("e")

aid = types.ModuleType("tomobatch.aid")
for function in (echo, pid, sleep, die, mistake, refuse, chatter, mark):
    function.__module__ = "tomobatch.aid"
    setattr(aid, function.__name__, function)
aid.run = subprocess.run
sys.modules["tomobatch.aid"] = aid
serve.main()
"""
AID_PROGRAM = [sys.executable, "-c", _AID]


def share_import_path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def is_alive(pid):
    return Path(f"/proc/{pid}").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)
