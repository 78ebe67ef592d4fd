import json
from collections.abc import Callable

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from tests.conftest import Result
from tests.data.renamed import write_renamed


def test_labels_images_and_names_are_those_of_the_whole(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("dataset", "create", "subset", "digits28", "--labels", "3,1", "--name", "S")
    assert result.code == 0, result.err
    for split in ("training", "testing"):
        whole, part = open_source(f"digits28.{split}"), open_source(f"S.{split}")
        kept = np.isin(whole.labels, [1, 3])
        assert (part.images == whole.images[kept]).all()
        assert (part.labels == whole.labels[kept]).all()
        assert part.label_names == {1: "1", 3: "3"}
    assert part.description == "labels 1,3 of digits28"


@pytest.mark.parametrize(
    ("labels", "text"),
    [("1,12", "'digits28' has no label 12"), ("a", "--labels is 'a'"), ("-1", "--labels is")],
)
def test_labels_that_cannot_be(mycaffe: Callable[..., Result], labels: str, text: str) -> None:
    result = mycaffe("dataset", "create", "subset", "digits28", f"--labels={labels}", "--name", "S")
    assert result.code == 2
    assert text in result.err


def test_labels_are_taken_by_name(mycaffe: Callable[..., Result]) -> None:
    write_renamed("PETS", {7: "cat", 3: "dog", 5: "emu"})
    result = mycaffe("dataset", "create", "subset", "PETS", "--labels", "emu,0", "--name", "TWO")
    assert result.code == 0, result.err
    part = open_source("TWO.training")
    assert part.label_names == {0: "cat", 2: "emu"}
    assert part.description == "labels cat,emu of PETS"
    wrong = mycaffe("dataset", "create", "subset", "PETS", "--labels", "cow", "--name", "X")
    assert wrong.code == 2
    assert "'PETS' has no label cow" in wrong.err
    assert "its labels are 0 (cat), 1 (dog), 2 (emu)" in wrong.err


def test_show_tells_the_numbers_of_the_names(mycaffe: Callable[..., Result]) -> None:
    write_renamed("PETS", {7: "cat", 3: "dog"})
    lines = mycaffe("dataset", "show", "PETS").out.splitlines()
    assert [line.split()[:2] for line in lines if "dog" in line or "cat" in line] == [
        ["0", "cat"],
        ["1", "dog"],
    ]
    (fact,) = json.loads(mycaffe("dataset", "show", "PETS", "--json").out)
    assert fact["label_numbers"] == {"cat": 0, "dog": 1}
