"""A file may unfold to forty times its size, a small one to a picture's."""

import pytest

from mycaffe_py.files.inflation import InflationError, check_inflation


def test_a_small_file_may_unfold_far() -> None:
    check_inflation(announced=64 << 20, stored=1000)


def test_a_file_that_announces_far_more_than_it_holds_is_refused() -> None:
    with pytest.raises(InflationError, match=r"holds 1,672 bytes and announces 4,294,967,296"):
        check_inflation(announced=1 << 32, stored=1672)
