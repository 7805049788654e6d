import shutil
from pathlib import Path

from tomobatch.recon.command import build_command, environment
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import BY_NAME, split_pair
from tomobatch.recon.request import ScanFile

CPU = Engine(EngineKind.CPU, ("/opt/tomobatch",))
TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",), "1.1.0")
SITE = Engine(EngineKind.PROGRAM, ("/site/run tomocupy", "--env"), "")


def given(command, skip=2):
    return dict(split_pair(argument) for argument in command[skip:])


def test_a_full_for_tomocupy(ask, scan):
    request = ask(Kind.FULL, "--fbp-filter=hann", "--binning=1", engine=TOMOCUPY)
    assert build_command(request, "/jobs/1") == [
        "tomocupy",
        "recon",
        "--config=/jobs/1/no-such.conf",
        "--logs-home=/jobs/1/engine-logs",
        "--reconstruction-type=full",
        f"--file-name={scan}",
        f"--out-path-name={request.partial}",
        "--rotation-axis=8.0",
        "--save-format=tiff",
        "--binning=1",
        "--fbp-filter=hann",
    ]


def test_each_argument_names_a_known_option_in_full(ask):
    options = given(build_command(ask(Kind.TRY, "--nsino=[0,1]", engine=TOMOCUPY), "/jobs/1"))
    assert set(options) <= set(BY_NAME)


def test_a_try_for_tomocupy_has_all_candidates_in_one_chunk(ask):
    options = given(
        build_command(
            ask(Kind.TRY, "--nsino=[0,1]", "--center-search-width=1.25", engine=TOMOCUPY), "/jobs/1"
        )
    )
    # Five candidates; slices go in pairs.
    assert (options["nsino-per-chunk"], options["max-write-threads"]) == ("6", "1")
    assert "nsino-per-chunk" not in given(build_command(ask(Kind.TRY), "/jobs/1"))
    assert "nsino-per-chunk" not in given(build_command(ask(Kind.FULL, engine=TOMOCUPY), "/jobs/1"))


def test_what_a_person_gives_stands_before_that(ask):
    command = build_command(ask(Kind.TRY, "--nsino-per-chunk=4", engine=TOMOCUPY), "/jobs/1")
    assert [argument for argument in command if "chunk" in argument] == ["--nsino-per-chunk=4"]


def test_a_try_without_a_cor_starts_from_the_middle(ask):
    assert given(build_command(ask(Kind.TRY, cor_px=None), "/jobs/1"))["rotation-axis"] == "8.0"


def test_phase_options_go_to_recon_steps(ask):
    pairs = ("--retrieve-phase-method=paganin", "--propagation-distance=30", "--pixel-size=0.7")
    assert build_command(ask(Kind.FULL, *pairs, engine=TOMOCUPY), "/jobs/1")[1] == "recon_steps"


def test_a_program_of_the_site_keeps_its_own_arguments(ask):
    command = build_command(ask(Kind.FULL, engine=SITE), "/jobs/1")
    assert command[:3] == ["/site/run tomocupy", "--env", "recon"]


def test_the_prefix_of_a_volume_lies_in_the_jobs_own_folder(ask):
    request = ask(Kind.FULL, "--save-format=h5nolinks")
    assert given(build_command(request, "/jobs/1"))["out-path-name"] == f"{request.partial}/recon"


def test_strange_names_stay_one_argument(ask, scan):
    strange = scan.with_name("-a $(rm -rf x) 'b'\n\"c\".h5")
    shutil.copy(scan, strange)
    command = build_command(ask(Kind.FULL, scan=ScanFile.of(strange)), "/jobs/1")
    assert f"--file-name={strange}" in command
    assert all(argument.startswith("--") for argument in command[2:])


def test_the_configuration_file_is_one_that_is_not_there(ask, tmp_path):
    assert not Path(given(build_command(ask(Kind.TRY), str(tmp_path)))["config"]).exists()


def test_environment_of_a_gpu():
    assert environment(TOMOCUPY, gpu="GPU-5c", threads=3) == {
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": "GPU-5c",
    }
    assert "CUDA_VISIBLE_DEVICES" not in environment(SITE)


def test_environment_of_a_cpu_slot():
    assert environment(CPU, gpu="0", threads=3, memory_mb=4000) == {
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "3",
        "TOMOBATCH_MEMORY_MB": "4000",
    }
    assert set(environment(CPU)) == {"PYTHONUNBUFFERED", "PYTHONUTF8"}
