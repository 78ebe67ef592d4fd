import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.parts import split, unseen_labels
from tests.evaluate.designs.tables import write_table


def _source(labels):
    return make_source("T.training", np.zeros((len(labels), 2, 1, 1), np.float32), labels)


def test_items_are_in_one_part_each_and_every_class_is_in_all() -> None:
    source = write_table()
    parts = split(source, "item")
    together = np.concatenate([parts.learn, parts.tune, parts.judge])
    assert sorted(together.tolist()) == list(range(len(source)))
    for rows, each in ((parts.learn, 26), (parts.tune, 6), (parts.judge, 8)):
        assert np.bincount(source.labels[rows]).tolist() == [each] * 6
    assert parts.unseen == ()


def test_unseen_classes_judge_and_nothing_else() -> None:
    source = write_table()
    parts = split(source, "class", [1, 4])
    assert parts.unseen == (1, 4)
    assert set(source.labels[parts.judge]) == {1, 4}
    assert not np.isin(source.labels[np.concatenate([parts.learn, parts.tune])], [1, 4]).any()
    assert len(parts.judge) == 80


def test_the_last_classes_are_unseen_where_none_are_named() -> None:
    assert split(write_table(), "class").unseen == (4, 5)


def test_the_split_is_always_the_same() -> None:
    source = write_table()
    assert (split(source, "item").judge == split(source, "item").judge).all()


@pytest.mark.parametrize(
    ("unseen", "text"),
    [((7,), "has no class 7"), ((3,), "1 classes are unseen"), ((0, 1, 2, 3, 4), "1 classes are")],
)
def test_unseen_classes_that_cannot_be(unseen: tuple[int, ...], text: str) -> None:
    with pytest.raises(UserError, match=text):
        split(write_table(), "class", unseen)


def test_too_few_images_of_a_class() -> None:
    with pytest.raises(UserError, match="too few images"):
        split(_source(np.repeat([0, 1, 2], [40, 40, 5])), "item")


def test_variants_of_an_image_stay_together(monkeypatch: pytest.MonkeyPatch) -> None:
    from mycaffe_py.evaluate.designs import parts as module

    class Table:
        """Like a feature table: 3 rows for each of 60 images."""

        name = "T.training"
        labels = np.repeat(np.repeat([0, 1], 30), 3)
        card = type("Card", (), {"variants": 3})

    monkeypatch.setattr(module, "FeatureTable", Table)
    found = split(Table(), "item")
    images = [set((rows // 3).tolist()) for rows in (found.learn, found.tune, found.judge)]
    assert not images[0] & images[1] and not images[0] & images[2] and not images[1] & images[2]
    assert len(found.learn) == 3 * len(images[0])
    assert (found.judge % 3 == 0).all() and (found.tune % 3 == 0).all()


def test_unseen_classes_are_taken_by_name() -> None:
    source = make_source(
        "SHAPES.training",
        np.zeros((3, 1, 1, 1), np.float32),
        np.array([0, 4, 6]),
        {0: "circle", 4: "star", 6: "fish"},
    )
    assert unseen_labels("star,fish", source) == (4, 6)
    assert unseen_labels("0, fish", source) == (0, 6)
    with pytest.raises(UserError, match=r"no label moon; .* 0 \(circle\), 4 \(star\), 6"):
        unseen_labels("moon", source)
