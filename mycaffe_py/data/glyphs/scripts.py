"""The letters of the world's scripts, and the script of each: digits and their kin are none."""

from __future__ import annotations

import re
import unicodedata

# Upper case, lower case, and letters of scripts that know no case.
_LETTERS = ("Lu", "Ll", "Lo")
# What follows the name of the script in the name of a character.
_THEN = re.compile(
    r" (?:AFFIX|ARCHAIC|AU|CAPITAL|CHARACTER|CLAN|CLUSTER|COMPONENT|CONSONANT|EPIGRAPHIC|FINAL|"
    r"FINIAL|GLOTTAL|HIEROGLYPH|HIGH|IDEOGRAM|"
    r"IDEOGRAPH|INDEPENDENT|INITIAL|KAI|LETTER|LIGATURE|LOW|MEDIAL|MID|MONOGRAM|MTAVRULI|NASAL|"
    r"PHASE-[A-F]|RHO|RISING|SANDHI|SEMIVOWEL|SIGN|SMALL|SUBJOINED|SYLLABICS|SYLLABLE|SYMBOL|TONE|"
    r"VOWEL)\b|-"
)
# Letters that are digits by their shape though not by what Unicode says of them.
_NUMBERED = re.compile(
    r"\b(?:ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE|TEN|TRESILLO|CUATRILLO|DIGIT|NUMBER)\b"
)


def script_of(number: int) -> str:
    """The script of a letter in lower case, "greek" for instance; "" for what is none.

    None are digits and numbers of any script (Nd, Nl, No, or a numeric value of any kind), letters
    named after a number, and what is only another form or composition of other characters.
    """
    sign = chr(number)
    if unicodedata.category(sign) not in _LETTERS or unicodedata.numeric(sign, None) is not None:
        return ""
    name = unicodedata.name(sign, "")
    if _NUMBERED.search(name) or unicodedata.decomposition(sign):
        return ""
    found = _THEN.split(name, maxsplit=1)[0]
    return found.lower() if found != name else ""
