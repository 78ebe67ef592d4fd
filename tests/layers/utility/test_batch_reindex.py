"""BatchReindex: rows out of range, wrong shapes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

TEXT = 'layer { name: "pick" type: "BatchReindex" bottom: "x" bottom: "index" top: "y" }'


def test_rows_in_any_order() -> None:
    run = LayerRun(TEXT, [np.array([[1.0], [2], [3]]), np.array([2, 0, 0])])
    assert run.forward()[0].ravel().tolist() == [3, 1, 1]
    assert np.ravel(run.backward([np.array([[5.0], [7], [9]])])[0]).tolist() == [16, 0, 5]


@pytest.mark.parametrize("index", [-1, 3])
def test_a_row_that_is_not_there(index: int) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(TEXT, [np.ones((3, 2)), np.array([0, index])]).forward()
    assert str(caught.value) == (
        f"test.prototxt:1: layer 'pick' (BatchReindex): row 1 of bottom 'index' holds {index}; "
        "numbers run from 0 to 2, because bottom 'x' has 3 rows."
    )


def test_index_needs_one_axis() -> None:
    with pytest.raises(UserError, match=r"bottom 'index' is \(2, 1\); .*on a single axis"):
        LayerRun(TEXT, [np.ones((3, 2)), np.zeros((2, 1))])
    with pytest.raises(UserError, match=r"bottom 'x' is \(\); the first bottom has rows"):
        LayerRun(TEXT, [np.ones(()), np.zeros(2)])
