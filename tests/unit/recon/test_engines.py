import argparse

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind, Offer, check_options, parse_help
from tomobatch.recon.options import OPTIONS, Takes, parse_options

CPU = Engine(EngineKind.CPU, ("tomobatch",))
TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",))
ALL = Offer(
    frozenset(option.name for option in OPTIONS if not option.steps_only),
    frozenset(option.name for option in OPTIONS),
)


def code_of(engine, offer, *pairs):
    with pytest.raises(TomoBatchError) as caught:
        check_options(engine, offer, parse_options(pairs))
    return caught.value.code, caught.value.sentence


def tomocupys_help(names):
    """Help as argparse prints it for tomocupy: sorted, with choices, long texts wrapped."""
    parser = argparse.ArgumentParser("tomocupy recon", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    for option in sorted(
        (option for option in OPTIONS if option.name in names), key=lambda found: found.name
    ):
        if option.takes is Takes.FLAG:
            parser.add_argument(f"--{option.name}", action="store_true", help=option.help)
        else:
            text = f"{option.help}. In a list of words see also --not-an-option and -- this. " * 2
            parser.add_argument(
                f"--{option.name}", choices=option.choices or None, help=text.replace("%", "%%")
            )
    return parser.format_help()


def test_help_lists_each_option_and_nothing_from_the_texts():
    assert parse_help(tomocupys_help(ALL.recon)) == ALL.recon


def test_colours_in_the_help_do_no_harm():
    assert parse_help("options:\n  \x1b[1;36m--binning\x1b[0m \x1b[33mN\x1b[0m  text\n") == {"binning"}


def test_help_without_options_is_an_error():
    with pytest.raises(TomoBatchError) as caught:
        parse_help("bash: tomocupy: command not found\n")
    assert caught.value.code == "engine-help"


def test_the_cpu_engine_takes_its_own_options():
    check_options(
        CPU,
        EMBEDDED_OFFER,
        parse_options(
            ["--fbp-filter=hann", "--reconstruction-algorithm=fourierrec", "--rotation-axis-auto=auto"]
        ),
    )


@pytest.mark.parametrize(
    "pair",
    ["--remove-stripe-method=fw", "--reconstruction-algorithm=linerec", "--dezinger=3", "--energy=20"],
)
def test_the_cpu_engine_refuses_what_it_lacks_by_name(pair):
    code, sentence = code_of(CPU, EMBEDDED_OFFER, pair)
    assert code == "option-not-in-engine"
    assert pair.split("=")[0] in sentence


def test_tomocupy_takes_what_it_lists():
    check_options(
        TOMOCUPY, ALL, parse_options(["--remove-stripe-method=vo-all", "--reconstruction-algorithm=lprec"])
    )


def test_an_option_this_tomocupy_does_not_list_is_refused():
    offer = Offer(ALL.recon - {"bright-ratio"}, ALL.steps)
    code, sentence = code_of(TOMOCUPY, offer, "--bright-ratio=2")
    assert code == "option-not-in-engine"
    assert "--bright-ratio" in sentence


def test_phase_options_are_looked_for_in_the_stepwise_program():
    pairs = ("--retrieve-phase-method=paganin", "--propagation-distance=30", "--pixel-size=0.7")
    check_options(TOMOCUPY, ALL, parse_options(pairs))
    assert code_of(TOMOCUPY, Offer(ALL.recon), *pairs)[0] == "option-not-in-engine"


def test_a_tomocupy_without_a_needed_option_is_too_old():
    code, sentence = code_of(TOMOCUPY, Offer(ALL.recon - {"logs-home"}, ALL.steps))
    assert code == "engine-too-old"
    assert "--logs-home" in sentence


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        (("--rotation-axis-auto=auto",), "option-refused"),
        (("--reconstruction-algorithm=lprec", "--energy=20"), "option-refused"),
        (("--reconstruction-algorithm=linerec", "--nsino-per-chunk=1"), "option-refused"),
        (("--nsino-per-chunk=7",), "option-refused"),
        (("--retrieve-phase-method=paganin", "--pixel-size=1"), "option-value"),
        (("--retrieve-phase-method=paganin", "--propagation-distance=1"), "option-value"),
    ],
)
def test_known_faults_of_tomocupy_are_kept_away_from(pairs, code):
    assert code_of(TOMOCUPY, ALL, *pairs)[0] == code


def test_only_the_embedded_engine_needs_no_gpu():
    decided = [kind for kind in EngineKind if kind is not EngineKind.ANY]
    assert [Engine(kind, ("x",)).uses_gpu for kind in decided] == [True, False, True]
