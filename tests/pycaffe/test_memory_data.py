"""Arrays of a script as the data of a net."""

from pathlib import Path

import numpy as np
import pytest

from tests.pycaffe.nets import TWO_READERS, net

MEMORY = """
layer {
  name: 'memory' type: 'MemoryData' top: 'data' top: 'label'
  memory_data_param { batch_size: 2 channels: 1 height: 2 width: 3 }
}
"""
DATA = np.arange(24, dtype=np.float32).reshape(4, 1, 2, 3)
LABELS = np.arange(4, dtype=np.float32)


def test_rows_come_in_turn_and_are_not_copied(tmp_path: Path) -> None:
    memory, data = net(tmp_path, MEMORY), DATA.copy()
    memory.set_input_arrays(data, LABELS)
    for rows in (slice(0, 2), slice(2, 4), slice(0, 2)):
        found = memory.forward()
        np.testing.assert_array_equal(found["data"], DATA[rows])
        np.testing.assert_array_equal(found["label"].ravel(), LABELS[rows])
    data[...] = 7
    assert (memory.forward()["data"] == 7).all()


def test_new_arrays_begin_at_their_first_row(tmp_path: Path) -> None:
    memory = net(tmp_path, MEMORY)
    memory.set_input_arrays(DATA, LABELS)
    memory.forward()
    memory.set_input_arrays(-DATA, LABELS.reshape(4, 1, 1, 1))
    np.testing.assert_array_equal(memory.forward()["data"], -DATA[:2])


def test_arrays_are_kept_alive(tmp_path: Path) -> None:
    memory = net(tmp_path, MEMORY)
    memory.set_input_arrays(DATA.copy(), LABELS.copy())
    np.full((4, 1, 2, 3), 9, np.float32)
    np.testing.assert_array_equal(memory.forward()["data"], DATA[:2])


@pytest.mark.parametrize(
    ("data", "labels", "told"),
    [
        (DATA[::2], LABELS[:2], "data array must be C contiguous"),
        (DATA.tolist(), LABELS, "data array must be C contiguous"),
        (DATA[:, 0], LABELS, "data array must be 4-d"),
        (DATA.astype(float), LABELS, "data array must be float32"),
        (DATA, LABELS.astype(int), "labels array must be float32"),
        (DATA.reshape(2, 2, 2, 3), LABELS, "wrong number of channels"),
        (DATA.reshape(4, 1, 3, 2), LABELS, "wrong height"),
        (DATA.reshape(4, 1, 2, 3)[:, :, :, :2].copy(), LABELS, "wrong width"),
        (DATA, np.zeros((4, 2, 1, 1), np.float32), "labels array has wrong number of channels"),
        (DATA, LABELS[:2].copy(), "same first dimension"),
        (DATA[:3].copy(), LABELS[:3].copy(), "multiple of the batch size"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, data, labels, told: str) -> None:
    memory = net(tmp_path, MEMORY)
    with pytest.raises(RuntimeError, match=told):
        memory.set_input_arrays(data, labels)


def test_nets_without_such_a_layer(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="MemoryData"):
        net(tmp_path, TWO_READERS).set_input_arrays(DATA, LABELS)
