"""What the files of an attempt tell, read while its wrapper changes them."""

from pathlib import Path

from tomobatch.machines import attempt, wrapper


def waits(folder, lock):
    (folder / wrapper.WAITING).write_text(f"{lock}\nAnna\n")


def test_whoever_holds_the_lock_now_is_told(tmp_path):
    lock = tmp_path / "GPU 1"
    lock.write_text("Bob\n")
    waits(tmp_path, lock)
    assert attempt.waits_for(tmp_path) == (lock, "Bob")


def test_a_job_that_gets_the_lock_while_it_is_read_waits_for_nobody(tmp_path, monkeypatch):
    lock, read = tmp_path / "GPU 1", Path.read_bytes
    lock.touch()
    waits(tmp_path, lock)

    def read_late(file):
        told = read(file)
        if file == lock:
            # the wrapper: first its file goes, then it writes who it is
            (tmp_path / wrapper.WAITING).unlink()
        return told

    monkeypatch.setattr(Path, "read_bytes", read_late)
    assert attempt.waits_for(tmp_path) is None
