import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.errors import TomoBatchError
from tomobatch.recon.options import (
    BY_NAME,
    EMBEDDED,
    OPTIONS,
    Takes,
    float_of,
    int_of,
    needs_steps,
    nsino_numbers,
    parse_options,
    split_pair,
    value_of,
)


def code_of(*pairs):
    with pytest.raises(TomoBatchError) as caught:
        parse_options(pairs)
    return caught.value.code, caught.value.sentence


def test_no_name_is_there_twice():
    assert len(BY_NAME) == len(OPTIONS)


def test_defaults_are_values_their_own_option_takes():
    for option in OPTIONS:
        if option.default is not None and option.takes is not Takes.FLAG:
            assert option.parse(str(option.default)) == option.default, option.name


def test_each_offered_value_goes_out_as_one_argument_and_comes_back():
    for option in OPTIONS:
        if option.default is not None and option.takes is not Takes.FLAG:
            name, text = split_pair(option.argument(option.default))
            assert (name, option.parse(text)) == (option.name, option.default)


def test_the_embedded_engine_has_what_the_main_job_needs():
    names = {option.name for option in EMBEDDED}
    assert {"fbp-filter", "nsino", "binning", "file-type", "flat-file-name", "rotation-axis-auto"} <= names
    assert not names & {"retrieve-phase-method", "remove-stripe-method", "dezinger"}


def test_values_are_checked_and_typed():
    given_options = parse_options(
        [
            "--fbp-filter=hann",
            "--binning=2",
            "center-search-step=0.25",
            "--minus-log=false",
            "--nsino=[0, 0.9]",
        ]
    )
    assert given_options == {
        "binning": 2,
        "center-search-step": 0.25,
        "nsino": "[0.0,0.9]",
        "fbp-filter": "hann",
        "minus-log": False,
    }


def test_the_table_decides_the_order_not_the_person():
    assert list(parse_options(["--fbp-filter=hann", "--binning=1"])) == ["binning", "fbp-filter"]


def test_a_switch_goes_out_in_the_one_spelling_that_counts():
    assert (
        BY_NAME["minus-log"].argument(parse_options(["--minus-log=true"])["minus-log"]) == "--minus-log=True"
    )


def test_a_flag_goes_out_bare():
    assert parse_options(["--read-pixel-size"]) == {"read-pixel-size": True}
    assert BY_NAME["read-pixel-size"].argument(True) == "--read-pixel-size"
    assert code_of("--read-pixel-size=False")[0] == "option-value"


@pytest.mark.parametrize(
    ("pair", "meant"),
    [
        ("--fbp-filtre=hann", "--fbp-filter"),
        ("--fbp=hann", "--fbp-filter"),
        ("--Binning=1", "--binning"),
        ("--start_row=1", "--start-row"),
        ("--rotation-axis-aut=auto", "--rotation-axis-auto"),
    ],
)
def test_misspelt_and_abbreviated_names_are_refused_with_what_was_meant(pair, meant):
    code, sentence = code_of(pair)
    assert code == "unknown-option"
    assert f"Did you mean {meant}" in sentence


def test_a_name_like_no_other_is_refused_without_a_guess():
    assert code_of("--xyzzy=1") == ("unknown-option", "There is no option --xyzzy.")


@pytest.mark.parametrize(
    "name",
    [
        "clear-folder",
        "file-name",
        "rotation-axis",
        "out-path-name",
        "reconstruction-type",
        "config",
        "logs-home",
        "zarr-chunk",
        "lamino-angle",
        "FFratio",
    ],
)
def test_what_cannot_be_given_is_refused_with_the_reason(name):
    code, sentence = code_of(f"--{name}=1")
    assert code == "option-refused"
    assert f"--{name}" in sentence
    assert BY_NAME[name].refused in sentence


@pytest.mark.parametrize("save_format", ["zarr", "h5", "h5sino", "TIFF", ""])
def test_other_formats_are_refused(save_format):
    code, sentence = code_of(f"--save-format={save_format}")
    assert code == "option-value"
    assert "tiff, h5nolinks" in sentence


@pytest.mark.parametrize(
    "pair",
    [
        "--binning=4",
        "--binning=1.5",
        "--binning=",
        "--binning",
        "--center-search-step=0",
        "--center-search-step=nan",
        "--center-search-width=inf",
        "--nsino=1.5",
        "--nsino=[0.5,true]",
        "--nsino=[]",
        "--nsino=[[0.5]]",
        "--nsino=__import__('os')",
        "--nsino=" + "[" * 100_000,
        "--nsino=1e999",
        "--nsino=" + "9" * 5000,
        "--minus-log=maybe",
        "--fbp-filter=Hann",
        "--end-row=-2",
        "--flat-file-name=a\0b",
        "--flat-file-name=",
    ],
)
def test_values_out_of_place_are_refused(pair):
    assert code_of(pair)[0] == "option-value"


def test_an_option_given_twice_is_refused():
    assert code_of("--binning=1", "--binning=2")[0] == "option-twice"


def test_values_in_force():
    options = parse_options(["--binning=1", "--nsino=[0.1,0.2]"])
    assert (int_of(options, "binning"), float_of(options, "center-search-width")) == (1, 50.0)
    assert nsino_numbers(options) == (0.1, 0.2)
    assert nsino_numbers({}) == (0.5,)
    with pytest.raises(KeyError):
        value_of(options, "flat-file-name")


def test_phase_options_mean_the_stepwise_program():
    assert needs_steps(parse_options(["--retrieve-phase-method=paganin", "--energy=25"]))
    assert not needs_steps(parse_options(["--fbp-filter=hann", "--remove-stripe-method=fw"]))


@settings(deadline=None)
@given(st.sampled_from([option.name for option in OPTIONS]), st.text())
def test_any_text_as_a_value_is_taken_or_refused_in_words(name, text):
    pair = f"--{name}={text}"
    try:
        parsed = parse_options([pair])
    except TomoBatchError as error:
        refusal = error.sentence
    else:
        assert parse_options([BY_NAME[name].argument(parsed[name])]) == parsed
        return
    assert f"--{name}" in refusal
