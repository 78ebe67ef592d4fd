import numpy as np

from mycaffe_py.retrieve.index.entries import Entry, Stamp
from mycaffe_py.retrieve.index.items import Item, Place
from mycaffe_py.retrieve.index.merging import NO_LABEL, Numbers, merged, without


def _item(path: str, sha256: str, stamp: int = 1, label: str = "") -> Item:
    def never():
        raise AssertionError("nothing is read before it is needed")

    return Item(path, Stamp(1, stamp, 1), label, lambda: sha256, never)


OLD = [Entry(f"/in/{name}", Stamp(1, 1, 1), f"sum {name}") for name in "abc"]
LABELS = np.array([0, 0, 1])


def test_what_stays_comes_anew_and_goes() -> None:
    numbers = Numbers({0: "x", 1: "y"})
    items = [
        _item("/in/a", "not computed", label="x"),  # as it was
        _item("/in/b", "other", 2, "x"),  # changed
        _item("/in/d", "new", label="z"),  # new; c is gone
    ]
    made = merged(OLD, LABELS, numbers, [Place("/in", folder=None)], items)
    assert vars(made.changes) == {"new": 1, "changed": 1, "removed": 1, "kept": 1}
    assert [entry.path for entry in made.entries] == ["/in/a", "/in/b", "/in/d"]
    assert made.origins == [0, -1, -1]
    assert len(made.reads) == 2
    assert made.labels == [0, 0, 2]
    assert numbers.names[2] == "z"
    left = made.without_unread({"/in/b"})
    assert left.origins == [0, -1]
    assert left.reads == made.reads[1:]


def test_a_file_that_was_touched_or_renamed_is_not_read_again() -> None:
    items = [_item("/in/a", "sum a", 9), _item("/in/b", "sum b"), _item("/in/moved", "sum c")]
    made = merged(OLD, LABELS, Numbers({}), [Place("/in")], items)
    assert made.origins == [0, 1, 2]
    assert made.entries[0].stamp == Stamp(1, 9, 1)
    assert vars(made.changes) == {"new": 1, "changed": 0, "removed": 1, "kept": 2}


def test_rows_of_other_places_stay() -> None:
    made = merged(OLD, LABELS, Numbers({0: "x", 1: "y"}), [Place("/inn")], [])
    assert made.origins == [0, 1, 2]
    assert made.labels == [0, 0, 1]


def test_labels_are_numbered_by_their_names() -> None:
    numbers = Numbers({})
    found = [numbers.of(name) for name in ("7", "cat", "", "dog", "cat", "07", "8")]
    assert found == [7, 8, NO_LABEL, 9, 8, 10, 11]
    assert numbers.of("elk", 3) == 3


def test_rows_are_taken_out() -> None:
    made = without(OLD, LABELS, np.array([True, False, True]))
    assert (made.origins, made.labels) == ([1], [0])
    assert made.changes.removed == 2
