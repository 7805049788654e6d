import json
import os
import shutil

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile

TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",), "1.1.0")


def code_of(ask, *args, **changes):
    with pytest.raises(TomoBatchError) as caught:
        ask(*args, **changes)
    return caught.value.code, caught.value.sentence


def test_a_request_survives_being_written_down(ask):
    for request in (
        ask(Kind.TRY, "--nsino=[0,0.5]", "--center-search-step=0.25", cor_px=None, cor_source=""),
        ask(Kind.FULL, "--save-format=h5nolinks", "--minus-log=False", engine=TOMOCUPY),
    ):
        again = ReconRequest.from_json(request.to_json())
        assert again == request
        assert again.to_json() == request.to_json()


def test_a_request_cannot_be_changed(ask):
    request = ask(Kind.FULL, "--binning=1")
    with pytest.raises(TypeError):
        request.options["binning"] = 2
    with pytest.raises(AttributeError):
        request.cor_px = 1.0


def test_a_request_forgets_the_dict_it_was_made_from(ask):
    options = {"binning": 1}
    request = ask(Kind.FULL, options=options)
    options["binning"] = 3
    assert request.options["binning"] == 1


def test_places_of_a_request(ask, scan):
    request = ask(Kind.FULL, "--save-format=h5nolinks")
    folder = scan.parent.with_name("scans_rec")
    assert request.final == str(folder / "tooth_rec.h5")
    assert request.partial == str(folder / "tooth_rec.h5.partial-job1")
    assert request.out_path == str(folder / "tooth_rec.h5.partial-job1" / "recon")
    assert ask(Kind.TRY).out_path == str(folder / "try_center" / "tooth.partial-job1")


def test_a_scan_replaced_by_another_of_its_name_differs(scan):
    before = ScanFile.of(scan)
    assert ScanFile.of(scan) == before
    other = scan.with_name("other")
    other.write_bytes(b"scan")
    other.replace(scan)
    assert ScanFile.of(scan) != before


def test_a_full_without_a_cor_is_refused_and_a_try_is_not(ask):
    code, sentence = code_of(ask, Kind.FULL, cor_px=None)
    assert code == "no-cor"
    assert "tooth.h5" in sentence
    assert ask(Kind.TRY, cor_px=None).cor_px is None
    assert ask(Kind.FULL, "--rotation-axis-auto=auto", cor_px=None).finds_cor


@pytest.mark.parametrize("cor_px", [-0.5, 15.5, float("nan"), float("inf")])
def test_a_cor_outside_the_detector_is_refused(ask, cor_px):
    assert code_of(ask, Kind.TRY, cor_px=cor_px)[0] == "cor-outside"


def test_names_that_are_not_utf8_are_refused(ask, scan):
    strange = scan.with_name(os.fsdecode(b"t\xf6oth.h5"))
    shutil.copy(scan, strange)
    code, sentence = code_of(ask, Kind.TRY, scan=ScanFile.of(strange))
    assert code == "name-not-utf8"
    sentence.encode("utf-8")
    assert "oth.h5" in sentence


def test_paths_among_the_options_are_those_of_now(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = ask(Kind.FULL, "--flat-file-name=flats.h5", "--dark-file-name=/d/darks.h5")
    assert request.options["flat-file-name"] == str(tmp_path / "flats.h5")
    assert request.options["dark-file-name"] == "/d/darks.h5"
    assert (
        code_of(ask, Kind.FULL, options={"flat-file-name": os.fsdecode(b"fl\xe4ts.h5")})[0] == "name-not-utf8"
    )


def test_nxtomo_needs_the_cpu_engine(ask):
    assert ask(Kind.FULL, layout="nxtomo")
    assert code_of(ask, Kind.FULL, layout="nxtomo", engine=TOMOCUPY)[0] == "engine-cannot-read"


def test_what_the_engine_or_the_scan_cannot_have_is_refused(ask):
    assert code_of(ask, Kind.FULL, "--dezinger=3")[0] == "option-not-in-engine"
    assert code_of(ask, Kind.FULL, "--end-row=6")[0] == "crop-outside"
    assert code_of(ask, Kind.TRY, "--center-search-step=0.001")[0] == "too-many-candidates"


def test_a_try_around_a_found_cor_is_expected_around_that(ask):
    request = ask(Kind.TRY, "--rotation-axis-auto=auto", "--center-search-width=1", cor_px=None)
    assert request.expected(5.25).files[0] == "recon_slice0002_center06.25.tiff"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", '{"schema": 1}'])
def test_a_broken_description_is_an_error_in_words(text):
    with pytest.raises(TomoBatchError) as caught:
        ReconRequest.from_json(text)
    assert caught.value.code == "request-unreadable"


def test_a_description_of_another_version_is_refused(ask):
    plain = json.loads(ask(Kind.TRY).to_json()) | {"schema": 99}
    with pytest.raises(TomoBatchError) as caught:
        ReconRequest.from_json(json.dumps(plain))
    assert caught.value.code == "request-unreadable"


def test_a_request_for_a_host_that_has_the_files_elsewhere(ask):
    options = {"flat-file-name": "/data/flats/f.h5", "binning": 1}
    request = ask(Kind.FULL, options=options, scan=ScanFile("/data/scans/tooth.h5", 1, 2, 3))
    asked = []

    def there(folder):
        asked.append(folder)
        return folder.replace("/data", "/gdata")

    moved = request.at(there)
    assert moved.scan == ScanFile("/gdata/scans/tooth.h5", 1, 2, 3)
    assert (moved.final, moved.partial) == (
        "/gdata/scans_rec/tooth_rec",
        "/gdata/scans_rec/tooth_rec.partial-job1",
    )
    assert moved.options == {"flat-file-name": "/gdata/flats/f.h5", "binning": 1}
    assert moved.out_path == "/gdata/scans_rec/tooth_rec.partial-job1"
    # Folders alone are asked for: the names are what both hosts know it by.
    assert set(asked) == {"/data/scans", "/data/scans_rec", "/data/flats"}
    same = request.at(lambda folder: folder)
    assert same == request
    assert request.scan.path == "/data/scans/tooth.h5"
