"""Any number of items through a net with a fixed batch."""

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.pycaffe.nets import LINE, TWO_READERS, net

ITEMS = np.arange(15, dtype=np.float32).reshape(5, 3)


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_forward_all_gives_a_row_for_each_item(tmp_path: Path, count: int) -> None:
    two = net(tmp_path, TWO_READERS)
    found = two.forward_all(x=ITEMS[:count], blobs=["x"])
    assert set(found) == {"sum", "twice", "x"}
    np.testing.assert_array_equal(found["twice"], 2 * ITEMS[:count])
    np.testing.assert_allclose(found["sum"], ITEMS[:count].sum(1, keepdims=True))
    two.blobs["sum"].data[...] = 0
    assert found["sum"].any() or count == 0


def test_the_last_batch_is_filled_up_with_zeros(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    first, second, third = two._batch({"x": ITEMS})
    np.testing.assert_array_equal(np.concatenate([first["x"], second["x"]]), ITEMS[:4])
    np.testing.assert_array_equal(third["x"], [ITEMS[4], np.zeros(3)])


def test_forward_backward_all(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    twice = np.arange(15, dtype=np.float32)[::-1].reshape(5, 3)
    ones = np.ones((5, 1), np.float32)
    blobs, diffs = two.forward_backward_all(
        x=ITEMS, twice=twice, sum=ones, blobs=["x"], diffs=["twice"]
    )
    np.testing.assert_array_equal(blobs["x"], ITEMS)
    np.testing.assert_array_equal(blobs["twice"], 2 * ITEMS)
    np.testing.assert_array_equal(diffs["twice"], twice)
    np.testing.assert_allclose(diffs["x"], 2 * twice + ones)


def test_forward_backward_all_with_the_diffs_that_are_there(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    two.blobs["sum"].diff[...] = 1
    _, diffs = two.forward_backward_all(x=ITEMS)
    assert set(diffs) == {"x"}
    np.testing.assert_array_equal(diffs["x"], np.ones((5, 3)))


def test_a_scalar_output_gives_one_number_a_batch(tmp_path: Path) -> None:
    text = LINE.replace("DummyData", "Input").replace("dummy_data_param", "input_param")
    line = net(tmp_path, text)
    found = line.forward_all(x=np.zeros((6, 2)), y=np.full((6, 1), 2.0))
    np.testing.assert_allclose(found["loss"], [2, 1])


def test_mistakes(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    with pytest.raises(UserError, match="each input"):
        two.forward_all()
    with pytest.raises(UserError, match="outputs"):
        two.forward_backward_all(z=ITEMS)
    with pytest.raises(UserError, match="different lengths"):
        two.forward_backward_all(x=ITEMS, sum=np.ones((2, 1)), twice=ITEMS)
