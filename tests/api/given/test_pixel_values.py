import numpy as np
import pytest

from mycaffe_py.api.given.pixel_values import check_real, span_of, to_bytes
from mycaffe_py.errors import UserError


def bytes_of(values, recorded=None):
    array = np.array(values)
    return to_bytes(array, span_of([array], recorded)).tolist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 7, 255], np.uint8), [0, 7, 255]),
        ([0, 7, 255], [0, 7, 255]),
        ([0, 1], [0, 1]),
        ([0.0, 1.0], [0, 255]),
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 1.5, 255.0], [0, 2, 255]),
        ([0.0, 0.0], [0, 0]),
        ([0, 257, 65535], [0, 1, 255]),
        ([False, True], [0, 255]),
        (np.array([0, 1], np.float16), [0, 255]),
    ],
)
def test_values_mean_what_those_of_files_mean(values, expected) -> None:
    assert bytes_of(values) == expected


def test_the_range_of_the_data_set_counts() -> None:
    assert bytes_of([0, 1000, 4000, 5000], (0, 4000)) == [0, 64, 255, 255]
    assert bytes_of([-5.0, 0.0, 5.0], (-5, 5)) == [0, 128, 255]
    assert bytes_of([0, 128], (0, 65535)) == [0, 0]
    assert bytes_of([0.0, 1.0], (0, 65535)) == [0, 255]


def test_all_pictures_of_a_call_count_together() -> None:
    """A dark picture is not taken for one of shares because it stands in a list by itself."""
    assert span_of([np.array([0.0, 1.0]), np.array([3.0, 200.0])], None) == (0, 255)


@pytest.mark.parametrize("values", [[-1.0, 3.0], [0, 70000]])
def test_values_of_no_picture(values) -> None:
    with pytest.raises(UserError, match=r"from 0 to 255.*value_range=\("):
        bytes_of(values)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(["a"]), "an array of <U1"),
        (np.zeros(2, complex), "an array of complex128"),
        (np.array([[0, 1], [2, np.nan]]), r"nan at \[1, 1\]"),
        (np.array([0, -np.inf]), r"-inf at \[1\]"),
        (np.concatenate([np.zeros(5000), [np.nan]]), r"nan at \[5000\]"),
    ],
)
def test_what_is_no_number(array, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_real(array)
