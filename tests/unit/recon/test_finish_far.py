"""The end of a run on another host: asked twice, and told in words of the host that asked."""

import json
import socket
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from tomobatch.recon import alone as alone_module
from tomobatch.recon import finish as finish_module
from tomobatch.recon.alone import alone
from tomobatch.recon.finish import discard, finish
from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import RunFacts, read_receipt
from tomobatch.recon.results import ResultState, find_results

FACTS = asdict(RunFacts(("tomocupy", "recon", "--file-name=/gdata/a.h5"), "tomo1", "GPU 0", 1000.0, 1002.5))


def through_json(*values):
    return json.loads(json.dumps(values))


def test_the_receipt_names_the_scan_as_the_host_that_asked_knows_it(ask, make_outputs, scan, tmp_path):
    asked = ask(Kind.FULL, "--flat-file-name=" + str(scan))
    far = tmp_path / "far"
    as_run = asked.at(lambda folder: folder.replace(str(tmp_path), str(far)))
    make_outputs(as_run)
    said = finish(*through_json(as_run.to_dict(), FACTS, asked.to_dict()))
    assert (said["code"], said["final"]) == ("good", as_run.final)
    receipt = read_receipt(Path(as_run.final))
    assert receipt.scan == asked.scan
    assert receipt.plain["options"] == asked.options
    assert receipt.plain["run"]["command"] == list(FACTS["command"])
    # The folder is shared: this host recognises what lies in it.
    (tmp_path / "scans_rec").symlink_to(far / "scans_rec")
    (found,) = find_results(scan)
    assert (found.state, found.job_id, found.scan) == (ResultState.COMPLETE, "job1", asked.scan)


def end(request, function):
    return function(*through_json(request.to_dict(), *([FACTS] if function is finish else [])))


@pytest.mark.parametrize("function", [finish, discard])
def test_what_another_process_is_at_the_end_of_is_waited_for(ask, make_outputs, monkeypatch, function):
    request = ask(Kind.FULL)
    made = make_outputs(request)
    other = alone(request.job_id)
    other.__enter__()
    waits = []

    def look(_):
        waits.append(made.is_dir())
        if len(waits) == 3:
            other.__exit__(None, None, None)

    monkeypatch.setattr(alone_module.time, "sleep", look)
    assert end(request, function)["code"] == "good"
    assert waits == [True] * 3
    assert not made.exists()


def test_a_result_that_came_while_this_one_was_checked_stays(ask, make_outputs, monkeypatch):
    """Who waited for this one has given it up, since its host did not answer, and run it again elsewhere."""
    late, again = ask(Kind.FULL), ask(Kind.FULL, job_id="job2")
    make_outputs(again)
    partial = make_outputs(late)
    judge = finish_module.judge

    def judged_late(*arguments):
        verdict = judge(*arguments)
        monkeypatch.setattr(finish_module, "judge", judge)
        assert end(again, finish)["code"] == "good"
        return verdict

    monkeypatch.setattr(finish_module, "judge", judged_late)
    said = end(late, finish)
    assert said["code"] == "place-taken"
    assert "Another run put its result" in said["sentence"]
    assert read_receipt(Path(late.final)).job_id == "job2"
    assert partial.exists()


def test_the_end_of_another_job_is_not_waited_for(ask, make_outputs):
    request = ask(Kind.FULL)
    make_outputs(request)
    with alone("job2"):
        assert end(request, finish)["code"] == "good"


def test_the_same_end_many_times_at_once_is_one_good_end(ask, make_outputs):
    request = ask(Kind.FULL)
    make_outputs(request)
    said = []
    threads = [threading.Thread(target=lambda: said.append(end(request, finish)["code"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == ["good"] * 4


def test_where_there_are_no_such_names_it_goes_without(ask, make_outputs, monkeypatch):
    class Refusing(socket.socket):
        def bind(self, name):
            raise PermissionError(1, "Operation not permitted")

    request = ask(Kind.FULL)
    make_outputs(request)
    monkeypatch.setattr(alone_module.socket, "socket", Refusing)
    assert end(request, finish)["code"] == "good"
