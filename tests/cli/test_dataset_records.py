"""A data set of listed images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from tests.conftest import Result


def _create(mycaffe: Callable[..., Result], path: Path, origin: str = "digits28.testing") -> Result:
    return mycaffe("dataset", "create", "subset", origin, "--records", str(path), "--name", "HARD")


def test_the_listed_images_keep_labels_names_and_order(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "hard.txt"
    path.write_text("7 3\n3\n\n12")
    result = _create(mycaffe, path)
    assert result.code == 0, result.err
    whole, part = open_source("digits28.testing"), open_source("HARD.testing")
    assert (part.images == whole.images[[3, 7, 12]]).all()
    assert part.labels.tolist() == whole.labels[[3, 7, 12]].tolist()
    assert part.label_names == {int(n): str(n) for n in np.unique(part.labels)}
    assert part.description == "3 images of digits28.testing, of the list hard.txt"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("1 -2", "holds '-2'"),
        ("1 1.5", "holds '1.5'"),
        ("99999999", "holds '99999999'"),
        ("²", "holds '²'"),
        (" \n", "is empty"),
    ],
)
def test_a_list_of_something_else_is_refused(
    mycaffe: Callable[..., Result], tmp_path: Path, content: str, found: str
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    result = _create(mycaffe, path)
    assert result.code == 2
    assert found in result.err
    assert "the images of digits28.testing" in result.err


def test_a_list_that_is_not_there_and_none_at_all_are_told(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    assert "cannot be read" in _create(mycaffe, tmp_path / "no.txt").err
    result = mycaffe("dataset", "create", "subset", "digits28", "--name", "S")
    assert result.code == 2
    assert "--labels" in result.err and "--records" in result.err
