"""What a user of the estimator may get wrong, told as a ValueError, as scikit-learn has it."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

from mycaffe_py.api.encoder_text import EncoderOptions
from mycaffe_py.data.array_source import Images
from mycaffe_py.data.in_memory.given import laid_out
from mycaffe_py.errors import UserError


class EncoderError(UserError, ValueError):
    """A mistake in the options of an estimator, or in its X or y."""


def check_options(options: EncoderOptions) -> EncoderOptions:
    """The same options, of Python's own types. Errors: one that cannot be."""
    for name in ("n_components", "max_iter"):
        _check(name, getattr(options, name), Integral, 1)
    # Two items of each of two classes: with fewer there is nothing to compare.
    _check("batch_size", options.batch_size, Integral, 4)
    for name in ("margin", "learning_rate"):
        _check(name, getattr(options, name), Real, 0, above=True)
    _check("weight_decay", options.weight_decay, Real, 0)
    sizes: Any = options.hidden
    if not isinstance(sizes, Sequence) or isinstance(sizes, str):
        raise EncoderError(f"hidden is {sizes!r}", wanted="a tuple of sizes, such as (128,) or ()")
    for size in sizes:
        _check("a size in hidden", size, Integral, 1)
    return EncoderOptions(
        n_components=int(options.n_components),
        hidden=tuple(int(size) for size in sizes),
        margin=float(options.margin),
        max_iter=int(options.max_iter),
        batch_size=int(options.batch_size),
        learning_rate=float(options.learning_rate),
        weight_decay=float(options.weight_decay),
    )


def check_classes(classes: Sequence[Any]) -> None:
    """Errors: fewer than two classes."""
    if len(classes) < 2:
        raise EncoderError(
            f"y has {len(classes)} class",
            wanted="2 or more: an encoder learns what sets one class apart from others",
        )


def images_of(given: Any) -> Images:
    """X as (n, C, H, W). Errors: an array that is neither a table nor images."""
    try:
        return laid_out(given, "X")
    except UserError as error:
        raise EncoderError(error.found, wanted=error.wanted, do=error.do) from error


def _check(name: str, value: Any, kind: type, least: float, *, above: bool = False) -> None:
    good = isinstance(value, kind) and not isinstance(value, bool)
    if not good or not (value > least if above else value >= least) or value == float("inf"):
        what = "a whole number" if kind is Integral else "a number"
        bound = f"above {least}" if above else f"of at least {least}"
        raise EncoderError(f"{name} is {value!r}", wanted=f"{what} {bound}")
