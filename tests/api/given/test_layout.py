import numpy as np
import pytest

from mycaffe_py.api.given.layout import picture_laid_out, pictures_laid_out
from mycaffe_py.errors import UserError

GRAY, COLOUR = (1, 28, 28), (3, 64, 48)


@pytest.mark.parametrize(
    ("shape", "net", "laid"),
    [
        ((28, 28), GRAY, (1, 28, 28, 1)),
        ((50, 40), GRAY, (1, 50, 40, 1)),
        ((7, 28, 28), GRAY, (7, 28, 28, 1)),
        ((3, 28, 28), GRAY, (3, 28, 28, 1)),
        ((1, 64, 48), COLOUR, (1, 64, 48, 1)),
        ((64, 48, 3), COLOUR, (1, 64, 48, 3)),
        ((64, 48, 4), GRAY, (1, 64, 48, 4)),
        ((5, 90, 80, 3), COLOUR, (5, 90, 80, 3)),
        ((5, 90, 80, 1), COLOUR, (5, 90, 80, 1)),
    ],
)
def test_which_axis_is_which(shape, net, laid) -> None:
    assert pictures_laid_out(np.empty(shape), net).shape == laid


@pytest.mark.parametrize(
    ("shape", "net", "do"),
    [
        ((5, 1, 28, 28), GRAY, r"transpose\(0, 2, 3, 1\)"),
        ((3, 64, 48), COLOUR, r"transpose\(1, 2, 0\).*images\[\.\.\., None\]"),
        ((9, 784), GRAY, r"reshape\(-1, 28, 28\)"),
        ((9, 9216), COLOUR, r"reshape\(-1, 64, 48, 3\)"),
        ((28, 28, 2), GRAY, "1, 3 or 4 channels"),
        ((9, 28, 28, 2), GRAY, "1, 3 or 4 channels"),
        ((784,), GRAY, "one picture is"),
        ((), GRAY, "one picture is"),
        ((2, 3, 28, 28, 1), GRAY, "one picture is"),
        ((6, 8, 3), (1, 8, 3), r"images\[None\]"),
        ((0, 28, 28), GRAY, "holds nothing"),
        ((5, 0, 28), GRAY, "holds nothing"),
    ],
)
def test_what_can_be_meant_in_two_ways_is_refused(shape, net, do: str) -> None:
    with pytest.raises(UserError, match=do) as caught:
        pictures_laid_out(np.empty(shape), net)
    assert str(shape) in str(caught.value)


def test_what_is_advised_works() -> None:
    assert pictures_laid_out(np.empty((5, 1, 28, 28)).transpose(0, 2, 3, 1), GRAY).shape[0] == 5
    assert pictures_laid_out(np.empty((9, 784)).reshape(-1, 28, 28), GRAY).shape[0] == 9
    assert pictures_laid_out(np.empty((3, 64, 48))[..., None], COLOUR).shape == (3, 64, 48, 1)
    assert pictures_laid_out(np.empty((3, 64, 48)).transpose(1, 2, 0), COLOUR).shape[0] == 1


def test_one_of_a_list_is_one_picture() -> None:
    assert picture_laid_out(np.empty((20, 30))).shape == (20, 30, 1)
    assert picture_laid_out(np.empty((20, 30, 3))).shape == (20, 30, 3)
    with pytest.raises(UserError, match=r"\(3, 20, 30\).*transpose\(1, 2, 0\)"):
        picture_laid_out(np.empty((3, 20, 30)))
    with pytest.raises(UserError, match=r"\(7, 20, 30\); in a list, each is one picture"):
        picture_laid_out(np.empty((7, 20, 30)))
