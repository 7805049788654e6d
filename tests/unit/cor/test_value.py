import pytest

from tomobatch.cor.value import check_cor, parse_cor
from tomobatch.errors import TomoBatchError


@pytest.mark.parametrize(
    ("text", "cor_px"),
    [
        ("1024.5", 1024.5),
        ("1024,5", 1024.5),
        (" 12 ", 12.0),
        ("\u00a012\t", 12.0),
        ("0", 0.0),
        (".5", 0.5),
        ("7.", 7.0),
        ("1.5e2", 150.0),
        ("+3", 3.0),
    ],
)
def test_numbers_as_people_write_them(text, cor_px):
    assert parse_cor(text, 2048) == cor_px


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "cor-not-number"),
        ("x", "cor-not-number"),
        ("1.024,5", "cor-not-number"),
        ("1 024", "cor-not-number"),
        ("1_0", "cor-not-number"),
        ("0x10", "cor-not-number"),
        ("nan", "cor-not-number"),
        ("inf", "cor-not-number"),
        ("1e999", "cor-not-number"),
        ("٣", "cor-not-number"),
        (".", "cor-not-number"),
        ("-1", "cor-negative"),
        ("-0,5", "cor-negative"),
        ("2047.5", "cor-outside"),
        ("2048", "cor-outside"),
    ],
)
def test_nonsense_is_refused_with_the_reason(text, code):
    with pytest.raises(TomoBatchError) as caught:
        parse_cor(text, 2048)
    assert caught.value.code == code


def test_the_width_need_not_be_known():
    assert parse_cor("99999") == 99999.0
    assert parse_cor("2047", 2048) == 2047.0


@pytest.mark.parametrize("cor_px", [float("nan"), float("inf"), -1.0])
def test_numbers_are_checked_as_texts_are(cor_px):
    with pytest.raises(TomoBatchError):
        check_cor(cor_px)


def test_a_sentence_about_a_long_text_is_short():
    with pytest.raises(TomoBatchError) as caught:
        parse_cor("x" * 1_000_000)
    assert len(caught.value.sentence) < 120
