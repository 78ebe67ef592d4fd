from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.judged.measured import RANDOM, Retrieval, measure_retrieval
from mycaffe_py.retrieve.judged.rows import net_rows, raw_rows
from mycaffe_py.retrieve.judged.told import retrieval_json, retrieval_lines
from mycaffe_py.retrieve.judged.worst import draw_worst
from mycaffe_py.retrieve.marks import summarize
from mycaffe_py.retrieve.ranking import MARK_NAMES, rank
from mycaffe_py.retrieve.table import searched
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot


@pytest.fixture(scope="module")
def snapshot(siamese_snapshot: Path) -> Snapshot:
    return open_snapshot(siamese_snapshot)


@pytest.fixture(scope="module")
def among_themselves(snapshot: Snapshot) -> Retrieval:
    return measure_retrieval(snapshot, open_source("digits28.testing"))


def _named(source: ArraySource, name: str, names: dict[int, str], rows: np.ndarray) -> ArraySource:
    return make_source(name, source.images[rows], source.labels[rows], names)


def test_it_is_the_ranking_of_the_nets_encodings(
    snapshot: Snapshot, among_themselves: Retrieval
) -> None:
    source = open_source("digits28.testing")
    rows = net_rows(snapshot)(source, np.arange(len(source)))
    marks = summarize(rank(searched(rows, source.labels)), snapshot.card.seed)
    assert among_themselves.net.marks == marks
    assert (marks.n, among_themselves.ranking.candidates) == (360, 359)


def test_a_trained_net_beats_its_random_weights(among_themselves: Retrieval) -> None:
    assert list(among_themselves.others) == [RANDOM, "raw pixels"]
    ours = among_themselves.net.marks["MAP@R"]
    theirs = among_themselves.others[RANDOM].marks["MAP@R"]
    assert ours.low > theirs.high
    assert theirs.low > theirs.chance == ours.chance


def test_raw_pixels_are_ranked_as_any_rows(among_themselves: Retrieval) -> None:
    source = open_source("digits28.testing")
    found = rank(searched(source.images.reshape(len(source), -1), source.labels))
    micro = among_themselves.others["raw pixels"].marks["MAP@R"].micro
    assert micro == pytest.approx(found.marks[:, MARK_NAMES.index("MAP@R")].mean(), rel=1e-12)


def test_raw_pixels_are_the_stored_values() -> None:
    source = open_source("digits28.testing")
    rows = raw_rows(source, np.array([4, 0]))
    np.testing.assert_array_equal(rows[0], source.images[4].reshape(-1))


def test_a_gallery_matches_by_the_names_of_classes(snapshot: Snapshot) -> None:
    source, training = open_source("digits28.testing"), open_source("digits28.training")
    numbers = np.arange(10)
    turned = replace(
        training,
        name="TURNED.all",
        labels=9 - training.labels,
        label_names={int(9 - n): str(n) for n in numbers},
    )
    plain = measure_retrieval(snapshot, source, training)
    found = measure_retrieval(snapshot, source, turned)
    assert found.net.marks == plain.net.marks
    assert found.ranking.candidates == len(training)
    assert not found.table.itself


def test_the_same_items_under_another_split_are_not_found_as_themselves(
    snapshot: Snapshot, among_themselves: Retrieval
) -> None:
    source = open_source("digits28.testing")
    found = measure_retrieval(snapshot, source, source)
    assert found.table.itself
    assert found.net.marks == among_themselves.net.marks


def test_classes_never_learned_are_searched_as_well_and_named(snapshot: Snapshot) -> None:
    source = open_source("digits28.testing")
    names = {n: f"letter {n}" for n in range(10)}
    new = _named(source, "LETTERS.testing", names, np.arange(200))
    found = measure_retrieval(snapshot, new)
    assert found.unlearned is not None and len(found.unlearned) == 10
    assert found.net.marks["recall@1"].micro > 0.5
    assert "Of 10 classes the net has learned nothing: letter 0, " in "\n".join(
        retrieval_lines(found)
    )


def test_fewer_items_are_the_same_ones_each_time(snapshot: Snapshot) -> None:
    source = open_source("digits28.testing")
    first, second = (measure_retrieval(snapshot, source, items=50) for _ in range(2))
    np.testing.assert_array_equal(first.asked.records, second.asked.records)
    assert len(np.unique(first.asked.records)) == 50
    assert retrieval_json(first) == retrieval_json(second)
    with pytest.raises(UserError, match="361 items are asked for"):
        measure_retrieval(snapshot, source, items=361)


def test_a_query_alone_in_its_class_is_left_out_and_told(snapshot: Snapshot) -> None:
    source = open_source("digits28.testing")
    rows = np.r_[np.flatnonzero(source.labels == 1)[:9], np.flatnonzero(source.labels == 2)[:1]]
    found = measure_retrieval(snapshot, _named(source, "FEW.x", {}, rows))
    assert (found.net.marks.n, found.net.marks.left_out) == (9, 1)
    assert "1 query left out: there is no other item" in "\n".join(retrieval_lines(found))


def test_where_nothing_can_be_found_there_is_one_clear_error(snapshot: Snapshot) -> None:
    source = open_source("digits28.testing")
    one = _named(source, "ONE.x", {}, np.arange(1))
    with pytest.raises(UserError, match="has an item of its class among its others"):
        measure_retrieval(snapshot, one)
    cats = _named(source, "CATS.x", {n: f"cat {n}" for n in range(10)}, np.arange(30))
    with pytest.raises(UserError, match=r"of its class among CATS\.x"):
        measure_retrieval(snapshot, source, cats)


def test_pictures_of_another_shape_are_told(snapshot: Snapshot) -> None:
    wide = make_source("WIDE.x", np.zeros((4, 3, 28, 28), np.uint8), np.zeros(4, np.int64))
    with pytest.raises(UserError, match="gives pictures of"):
        measure_retrieval(snapshot, wide)


def test_pictures_that_are_all_alike_leave_the_baselines_out(snapshot: Snapshot) -> None:
    flat = make_source("FLAT.x", np.zeros((6, 1, 28, 28), np.uint8), np.arange(6) // 3)
    found = measure_retrieval(snapshot, flat)
    assert not found.others
    assert "Not in the table: raw pixels" in "\n".join(retrieval_lines(found))


def test_every_mark_is_told_with_interval_macro_and_chance(among_themselves: Retrieval) -> None:
    lines = retrieval_lines(among_themselves)
    head = next(line for line in lines if line.startswith("mark "))
    assert head.split() == [
        "mark", "net", "95", "%", "interval", "macro", "random", "weights", "raw", "pixels",
        "chance",
    ]  # fmt: skip
    for name in (*MARK_NAMES, "NMI", "AMI"):
        assert any(line.startswith(f"{name} ") for line in lines), name
    text = "\n".join(lines)
    assert "TAR at FAR 1 %: " in text and "TAR at FAR 0.1 %: " in text
    assert "(AUC) 0." in text and "(EER) " in text


def test_json_says_the_same(among_themselves: Retrieval) -> None:
    told = retrieval_json(among_themselves)
    mark = among_themselves.net.marks["recall@1"]
    assert told["marks"]["recall@1"]["micro"] == mark.micro
    assert told["marks"]["recall@1"]["interval"] == [mark.low, mark.high]
    assert set(told["baselines"]) == {RANDOM, "raw pixels"}
    pairs = told["verification"]
    assert pairs["like_pairs"] + pairs["unlike_pairs"] == 360 * 359 // 2
    assert [at["far"] for at in pairs["tar_at_far"]] == [0.01, 0.001]


def test_the_sheet_shows_the_worst_first(among_themselves: Retrieval, tmp_path: Path) -> None:
    assert draw_worst(among_themselves, tmp_path / "worst.png") == 20
    rows, near = among_themselves.worst(20, 8)
    precision = among_themselves.ranking.marks[rows, MARK_NAMES.index("R-precision")]
    assert (np.diff(precision) >= 0).all()
    assert near.rows.shape == (20, 8)
    assert not (near.rows == rows[:, np.newaxis]).any()
