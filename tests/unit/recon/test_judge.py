from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.recon.judge import judge
from tomobatch.recon.kinds import Kind

SHORT = ("--center-search-width=2", "--center-search-step=1")
H5 = "--save-format=h5nolinks"


def verdict_of(request):
    return judge(Path(request.partial), request.kind, request.expected())


@pytest.fixture
def full(ask, make_outputs):
    request = ask(Kind.FULL)
    return request, make_outputs(request)


@pytest.fixture
def tries(ask, make_outputs):
    request = ask(Kind.TRY, *SHORT)
    return request, make_outputs(request)


@pytest.fixture
def volume(ask, make_outputs):
    request = ask(Kind.FULL, H5, "--start-row=1", "--end-row=4")
    return request, make_outputs(request) / "recon.h5"


def test_good_results_are_good(full, tries, volume):
    assert [verdict_of(request).code for request, _ in (full, tries, volume)] == ["good"] * 3
    assert verdict_of(full[0]).sentence == "5 of 5 slices, all readable."


def test_nothing_made(ask):
    for request in (ask(Kind.FULL), ask(Kind.TRY, *SHORT), ask(Kind.FULL, H5)):
        assert verdict_of(request).code == "no-output"


def test_half_a_stack_is_told_in_numbers(full, tries):
    request, folder = full
    (folder / "recon_00003.tiff").unlink()
    assert verdict_of(request).code == "incomplete"
    assert "4 of 5 slices" in verdict_of(request).sentence
    next(tries[1].iterdir()).unlink()
    assert "3 of 4 candidates" in verdict_of(tries[0]).sentence


def test_a_folder_in_place_of_a_slice_is_no_slice(full):
    request, folder = full
    (folder / "recon_00003.tiff").unlink()
    (folder / "recon_00003.tiff").mkdir()
    assert verdict_of(request).code == "incomplete"


def test_every_cut_of_a_slice_is_seen(full):
    request, folder = full
    path = folder / "recon_00002.tiff"
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        verdict = verdict_of(request)
        assert (verdict.code, "recon_00002.tiff" in verdict.sentence) == ("unreadable", True), length


@pytest.mark.parametrize(
    "picture",
    [
        np.ones((16, 14), "float32"),
        np.ones((16, 16), "float64"),
        np.ones((16, 16), "uint16"),
        np.ones((2, 16, 16), "float32")[:, :8],
    ],
)
def test_a_slice_of_another_size_or_type(full, picture):
    request, folder = full
    tifffile.imwrite(folder / "recon_00002.tiff", picture)
    assert verdict_of(request).code == "wrong-size"


def test_a_file_that_is_no_tiff(full):
    request, folder = full
    (folder / "recon_00000.tiff").write_bytes(b"\x89PNG" * 1000)
    assert verdict_of(request).code == "unreadable"


def test_blank_stacks_are_refused(full, tries):
    for request, folder in (full, tries):
        for path in folder.glob("*.tiff"):
            tifffile.imwrite(path, np.zeros((16, 16), "float32"))
        assert verdict_of(request).code == "blank"


def test_one_blank_slice_may_be(full):
    request, folder = full
    tifffile.imwrite(folder / "recon_00000.tiff", np.zeros((16, 16), "float32"))
    assert verdict_of(request).good


def test_a_candidate_with_anothers_pixels_means_run_again(tries):
    request, folder = tries
    first, second, *_ = sorted(folder.iterdir())
    second.write_bytes(first.read_bytes())
    verdict = verdict_of(request)
    assert verdict.code == "mixed-candidates"
    assert first.name in verdict.sentence
    assert second.name in verdict.sentence
    assert "run this Try again" in verdict.sentence


def test_candidates_alike_where_they_are_sampled_alone_are_not_mixed(tries):
    request, folder = tries
    first, second, *_ = sorted(folder.iterdir())
    picture = tifffile.imread(first)
    picture[0, 8] += 1
    tifffile.imwrite(second, picture)
    assert verdict_of(request).good


def test_a_full_may_hold_equal_slices(full):
    request, folder = full
    (folder / "recon_00001.tiff").write_bytes((folder / "recon_00000.tiff").read_bytes())
    assert verdict_of(request).good


def test_slices_of_a_volume_never_written_are_counted(volume):
    request, path = volume
    with h5py.File(path, "r+") as file:
        file["exchange/data"][2] = 0
    verdict = verdict_of(request)
    assert (verdict.code, "2 of 3 slices" in verdict.sentence) == ("incomplete", True)
    with h5py.File(path, "r+") as file:
        file["exchange/data"][:] = 0
    assert verdict_of(request).code == "blank"


def test_a_slice_of_a_volume_with_a_line_of_zeros_is_written(volume):
    request, path = volume
    with h5py.File(path, "r+") as file:
        file["exchange/data"][2, 8] = 0
    assert verdict_of(request).good


def test_a_volume_of_another_shape(volume):
    request, path = volume
    with h5py.File(path, "w") as file:
        file.create_dataset("exchange/data", (4, 16, 16), "float32")
    assert verdict_of(request).code == "wrong-size"


def test_a_volume_without_its_dataset(volume):
    request, path = volume
    with h5py.File(path, "w") as file:
        file.create_group("exchange/data")
    assert verdict_of(request).code == "incomplete"


def test_a_broken_volume(volume):
    request, path = volume
    path.write_bytes(path.read_bytes()[:1500])
    assert verdict_of(request).code == "unreadable"
