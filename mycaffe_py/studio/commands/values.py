"""Values of a page as options; none can be taken for another option.

An option and its value are always one argument, "--seed=3": what a page sends never stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError

COMMANDS: dict[str, Any] = {}


def number_option(asked: Mapping[str, Any], name: str, option: str) -> list[str]:
    """`--option=N` where the page sent a number called `name`. Errors: it sent something else."""
    value = asked.get(name)
    if value in (None, ""):
        return []
    if isinstance(value, str):
        try:
            value = int(value) if value.strip().lstrip("-").isdigit() else float(value)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"'{asked.get(name)}' is no number", wanted=f"for {option}")
    return [f"{option}={value}"]


def word_option(asked: Mapping[str, Any], name: str, option: str) -> list[str]:
    """`--option=WORD` where the page sent a text called `name`."""
    value = asked.get(name)
    if value in (None, ""):
        return []
    if not isinstance(value, str) or "\0" in value or "\n" in value:
        raise UserError(f"'{value}' does not fit", wanted=f"one line for {option}")
    return [f"{option}={value}"]


def switch(asked: Mapping[str, Any], name: str, option: str) -> list[str]:
    """`--option` where the page sent true."""
    return [option] if asked.get(name) is True else []
