import numpy as np
import pytest

from mycaffe_py.data.source import open_source


def test_labels_images_and_names_are_those_of_the_whole(mycaffe):
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
def test_labels_that_cannot_be(mycaffe, labels, text):
    result = mycaffe("dataset", "create", "subset", "digits28", f"--labels={labels}", "--name", "S")
    assert result.code == 2
    assert text in result.err
