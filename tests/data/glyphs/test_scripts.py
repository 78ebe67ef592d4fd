"""Which characters are letters of a script: no digit of any script is."""

from __future__ import annotations

import unicodedata

import pytest

from mycaffe_py.data.glyphs.scripts import script_of


@pytest.mark.parametrize(
    ("sign", "script"),
    [
        ("a", "latin"), ("\u03b1", "greek"), ("\u0e01", "thai"), ("\u05d0", "hebrew"),
        ("\u0905", "devanagari"), ("\U00010300", "old italic"),
        ("\u1200", "ethiopic"), ("\U00013000", "egyptian"), ("\U00010c80", "old hungarian"),
        ("\U00016b63", "pahawh hmong"), ("\u1c90", "georgian"),
    ],
)  # fmt: skip
def test_the_script_of_a_letter(sign: str, script: str) -> None:
    assert script_of(ord(sign)) == script


def test_no_digit_or_number_of_any_script_is_a_letter() -> None:
    numbers = [n for n in range(0x110000) if unicodedata.numeric(chr(n), None) is not None]
    assert len(numbers) > 1800
    assert not [hex(n) for n in numbers if script_of(n)]


@pytest.mark.parametrize(
    "sign",
    [
        "\u01bc",  # LATIN CAPITAL LETTER TONE FIVE, a 5
        "\u01bb",  # LATIN LETTER TWO WITH STROKE
        "\ua72a",  # LATIN CAPITAL LETTER TRESILLO, a 3
        "\u00e9",  # e and an accent
        "\ufe8e",  # a form of an Arabic letter
        "\U0001d400",  # a bold A
        "5", "\u0665", "\u2167", "!", "\u0301",
    ],
)  # fmt: skip
def test_what_is_no_letter_of_its_own(sign: str) -> None:
    assert script_of(ord(sign)) == ""
