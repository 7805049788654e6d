"""Options of a run that people set: checked, said, kept."""

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QSignalSpy

from tomobatch.config.settings import settings_path
from tomobatch.desktop.run_options import BINNING, FORMAT, OFFERED, STEP, WIDTH, RunOptions
from tomobatch.desktop.settings import Settings
from tomobatch.recon.kinds import Kind


@pytest.fixture
def said():
    return []


@pytest.fixture
def make(said):
    QCoreApplication.instance() or QCoreApplication([])
    return lambda: RunOptions(Settings(), lambda *words: said.append(words))


def test_what_is_standard_is_not_given_to_the_engine(make):
    options = make()
    assert [options.of(kind) for kind in Kind] == [{}, {}]
    assert (options.searchWidth, options.searchStep, options.slice) == ("50", "0.5", "0.5")
    assert (options.format, options.binning) == ("tiff", "0")
    assert options.set(BINNING, "1") == options.set(BINNING, "0") == ""
    assert options.of(Kind.FULL) == {}
    assert options.set(STEP, "1") == options.set(STEP, " ") == ""
    assert options.of(Kind.TRY) == {}


def test_each_option_is_one_of_its_kind_and_a_comma_is_a_point(make):
    options = make()
    told = QSignalSpy(options.changed)
    assert options.set(WIDTH, "12,5") == ""
    assert options.set(FORMAT, "h5nolinks") == ""
    assert told.count() == 2
    assert (options.of(Kind.TRY), options.of(Kind.FULL)) == ({WIDTH: 12.5}, {FORMAT: "h5nolinks"})
    assert options.words(Kind.TRY) == ["Search width: 12.5 px to either side."]
    assert options.words(Kind.FULL) == ["Format: HDF5."]
    assert options.set(BINNING, "2") == ""
    assert "Binning 2: 4 pixels each way become one." in options.words(Kind.FULL)
    options.reset("full")
    assert options.of(Kind.FULL) == {}


def test_whether_the_earlier_result_is_kept_is_an_option_too(make):
    options = make()
    told = QSignalSpy(options.changed)
    assert not options.keepEarlier
    options.keepEarlier = True
    options.keepEarlier = True
    assert (options.keeps, told.count()) == (True, 1)
    assert (options.unusualTry, options.unusualFull) == (True, True)
    assert [options.of(kind) for kind in Kind] == [{}, {}]
    options.reset("try")
    assert (options.keeps, options.unusualFull) == (False, False)


@pytest.mark.parametrize(
    ("name", "text"),
    [(STEP, "0"), (STEP, "x"), (STEP, "nan"), (WIDTH, "-1"), (STEP, "0.001"), ("nsino", "2")],
)
def test_what_cannot_be_is_refused_and_changes_nothing(make, name, text):
    options = make()
    assert name in options.set(name, text)
    assert options.of(Kind.TRY) == {}


def test_every_option_that_is_offered_has_its_words(make):
    options = make()
    for name, text in ((WIDTH, "20"), (STEP, "2"), ("nsino", "0.25"), (FORMAT, "h5nolinks"), (BINNING, "1")):
        assert options.set(name, text) == ""
    for kind in Kind:
        assert len(options.words(kind)) == len(OFFERED[kind])


def test_kept_options_that_cannot_be_used_any_more_are_set_back_with_a_word(make, said):
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text('[try_options]\n"center-search-step" = "0"\n[full_options]\nbinning = "1"\n')
    options = make()
    assert options.of(Kind.TRY) == {}
    assert options.of(Kind.FULL) == {BINNING: 1}
    assert [kind for kind, _ in said] == ["warning"]
    assert "The options of a Try were set back" in said[0][1]


def test_an_option_that_was_written_into_the_settings_by_hand_is_used_and_told_of(make, said):
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text('[full_options]\n"remove-stripe-method" = "fw"\n')
    options = make()
    assert options.of(Kind.FULL) == {"remove-stripe-method": "fw"}
    assert options.words(Kind.FULL) == ["--remove-stripe-method=fw."]
    assert said == []
