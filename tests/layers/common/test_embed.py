"""Embed: lookup, options that are needed, numbers without a row."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(options: str) -> str:
    return (
        f'layer {{ name: "words" type: "Embed" bottom: "x" top: "y"\nembed_param {{ {options} }} }}'
    )


def test_rows_of_the_table_plus_bias() -> None:
    table, bias = np.arange(6.0).reshape(3, 2), np.array([10.0, 20])
    run = LayerRun(_text("input_dim: 3 num_output: 2"), [[[2, 0.9]]], params=[table, bias])
    assert run.forward()[0].tolist() == [[[14, 25], [10, 21]]]
    assert run.backward([np.array([[[1.0, 2], [3, 4]]])]) == [None]
    assert run.io.dparams[0].tolist() == [[3, 4], [0, 0], [1, 2]]
    assert run.io.dparams[1].tolist() == [4, 6]


def test_a_number_without_a_row() -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text("input_dim: 3 num_output: 2"), [[1, 3]]).forward()
    assert str(caught.value) == (
        "test.prototxt:1: layer 'words' (Embed): row 1 of bottom 'x' holds 3; numbers run from 0 "
        "to 2, because input_dim is 3."
    )


@pytest.mark.parametrize(
    ("options", "found", "line"),
    [
        ("input_dim: 3", "no num_output", 2),
        ("num_output: 3", "no input_dim", 2),
        ("input_dim: 0 num_output: 3", "input_dim 0", 2),
    ],
)
def test_both_sizes_are_needed(options: str, found: str, line: int) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text(options), [[1, 3]])
    assert str(caught.value) == (
        f"test.prototxt:{line}: layer 'words' (Embed): {found}; input_dim rows of num_output "
        "numbers, both 1 or more."
    )


def test_a_filler_that_does_not_exist() -> None:
    with pytest.raises(UserError, match=r"prototxt:2: unknown filler 'xavir'.*xavier"):
        LayerRun(_text('input_dim: 3 num_output: 2 weight_filler { type: "xavir" }'), [[1.0, 2]])


def test_a_row_number_that_single_precision_rounds_is_refused() -> None:
    run = LayerRun(
        _text("input_dim: 20000000 num_output: 1 bias_term: false"), [[16777217]], dtype=np.float32
    )
    with pytest.raises(UserError, match=r"holds 1.67772e\+07; numbers run from 0 to 16777215"):
        run.forward()
