"""Options that say how pictures are read, the same for data sets and single pictures."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.data.pictures.picture_record import Asked, Span

_BELOW_0 = re.compile(r"-[\d.]")
_RANGE = re.compile(r"([^:]+):([^:]+)")
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
# In pixels: a picture of this size in color already takes 50 MB.
_LONGEST_SIDE = 4096
_FITS = ("stretch", "pad", "crop", "ink")


def add_picture_arguments(
    parser: argparse.ArgumentParser,
    fit: str = "else as the pictures the net learned",
    invert: str = "else as the pictures the net learned",
) -> None:
    """--fit, --invert, --no-invert and --range; `fit`, `invert` say what is done without them."""
    parser.add_argument(
        "--fit", choices=_FITS,
        help="how another size is brought to size: whole, filled up, cut off, or by the ink as in "
        f"MNIST; {fit}",
    )  # fmt: skip
    parser.add_argument(
        "--invert", action=argparse.BooleanOptionalAction,
        help=f"turn light and dark round in every picture, or in none; {invert}",
    )  # fmt: skip
    parser.add_argument(
        "--range", dest="span", metavar="LOW:HIGH",
        help="of pictures of more than 8 bits: the values that become black and white, "
        "for example 0:4095 or -1000:400",
    )  # fmt: skip


def joined(arguments: Sequence[str]) -> list[str]:
    """`arguments` with a range below 0 tied to its option, or it would look like an option."""
    words: list[str] = []
    for word in arguments:
        if words and words[-1] == "--range" and _BELOW_0.match(word):
            words[-1] = f"--range={word}"
        else:
            words.append(word)
    return words


def asked_of(args: argparse.Namespace) -> Asked:
    """What the user asked for with these options."""
    from mycaffe_py.data.pictures.picture_record import Asked

    return Asked(args.fit, args.invert, None if args.span is None else _span(args.span))


def size_of(text: str, option: str) -> tuple[int, int]:
    """(width, height) of "WxH"."""
    from mycaffe_py.errors import UserError

    match = _SIZE.fullmatch(text.lower())
    if match is None or not all(1 <= int(side) <= _LONGEST_SIDE for side in match.groups()):
        raise UserError(
            f"{option} is '{text}'",
            wanted=f"WIDTHxHEIGHT in pixels, for example 28x28, at most {_LONGEST_SIDE} a side",
        )
    return int(match[1]), int(match[2])


def _span(text: str) -> Span:
    """(low, high) of "LOW:HIGH"."""
    from mycaffe_py.data.pictures.picture_record import check_span
    from mycaffe_py.errors import UserError

    match = _RANGE.fullmatch(text)
    try:
        if match is not None:
            return check_span((float(match[1]), float(match[2])))
    except ValueError:
        pass
    raise UserError(
        f"--range is '{text}'", wanted="LOW:HIGH, two numbers, the lower one first, such as 0:4095"
    )
