"""Fresh arrays."""

import numpy as np
import pytest

from mycaffe_py.engine.arrays import ALIGN_BYTES, aligned_zeros


def test_they_start_a_cache_line() -> None:
    array = aligned_zeros((3, 5), np.float32)
    assert (array.shape, array.dtype, array.any()) == ((3, 5), np.float32, False)
    assert array.ctypes.data % ALIGN_BYTES == 0


@pytest.mark.parametrize("count", [2**58, 2**61, 2**70])
def test_what_no_machine_has_is_a_lack_of_memory(count) -> None:
    with pytest.raises(MemoryError):
        aligned_zeros((count,), np.float32)
