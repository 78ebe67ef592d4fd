"""Plain values become what the fields of a dataclass say, or one error names the field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mycaffe_py.files.schema import Axes, Bounds, Count, DamagedError, Name, fit


@dataclass(frozen=True)
class Part:
    file: Name
    sizes: Sequence[Count] = ()


@dataclass(frozen=True, eq=False)
class Whole:
    seed: int
    rate: float
    on: bool = False
    low: Annotated[int, Bounds(1, 9)] = 1
    span: tuple[float, float] | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    rows: Annotated[NDArray[np.float32], Axes(2)] | None = None
    marks: NDArray[np.int64] | None = None
    figures: Any = None


LEAST = {"seed": 1, "rate": 0.5}


def test_every_kind_of_field() -> None:
    raw = LEAST | {"seed": 2**64 - 1, "rate": 2, "on": True, "low": 9.0, "span": [0, 1.5]}
    raw |= {"parts": {"a": {"file": "x", "sizes": [1, 2]}}, "names": {"-3": "minus"}}
    raw |= {"rows": [[1, 2.5]], "marks": [2**53 + 1], "figures": {"a": [None]}, "later": 1}
    found = fit(raw, Whole)
    assert (found.seed, found.rate, found.on, found.low) == (2**64 - 1, 2.0, True, 9)
    assert found.span == (0.0, 1.5)
    assert found.parts == {"a": Part("x", (1, 2))}
    assert found.names == {-3: "minus"}
    assert found.rows.tolist() == [[1.0, 2.5]] and found.rows.dtype == np.float32
    assert found.marks.tolist() == [2**53 + 1]
    assert found.figures == {"a": [None]}


def test_no_rows_have_the_axes_too() -> None:
    assert fit(LEAST | {"rows": []}, Whole).rows.shape == (0, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": True}, "seed: an integer was expected, true found"),
        ({"seed": 1.5}, "seed: an integer was expected, 1.5 found"),
        ({"seed": "1"}, "seed: an integer was expected, a text found"),
        ({"seed": 10**400}, "seed: .* expected, a huge number found"),
        ({"rate": None}, "rate: a number was expected, null found"),
        ({"rate": 10**400}, "rate: .* a huge number found"),
        ({"on": 1}, "on: true or false was expected, 1 found"),
        ({"low": 10}, "low: 1 to 9 was expected, 10 found"),
        ({"span": [1]}, "span: 2 values were expected, 1 found"),
        ({"span": {}}, "span: a list was expected, an object found"),
        ({"parts": []}, "parts: an object was expected, a list found"),
        ({"parts": {"a": {}}}, r"parts\.a\.file is missing"),
        ({"parts": {"a": {"file": "\0"}}}, r"parts\.a\.file: .* no file can be called so"),
        ({"parts": {"a": {"file": "\ud800"}}}, r"parts\.a\.file: .* no file can be called so"),
        ({"parts": {"a": {"file": "x", "sizes": [0, -1]}}}, r"parts\.a\.sizes\[1\]: 0 to "),
        ({"names": {"²": "x"}}, "names.²: a number was expected as the name"),
        ({"names": {"1": 2}}, "names.1: a text was expected, 2 found"),
        ({"rows": [[1], [1, 2]]}, "rows: lists of one length were expected"),
        ({"rows": [1]}, "rows: 2 axes were expected, 1 found"),
        ({"rows": [["1"]]}, "rows: numbers were expected"),
        ({"rows": [[1e39]]}, "rows: a number is too large"),
        ({"marks": [0.5]}, "marks: whole numbers were expected"),
        ({"marks": [2**63]}, "marks: a number is too large"),
        ({"marks": [2**64]}, "marks: whole numbers were expected"),
    ],
)
def test_what_is_of_another_kind_is_named(change, told: str) -> None:
    with pytest.raises(DamagedError, match=told):
        fit(LEAST | change, Whole)
