"""Runs beside each other: texts, labels, bits; and what a run needs to be made once more."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.source import open_head
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.answers import Answers, write_answers
from mycaffe_py.proto.model_text import read_solver
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard, TextCard, run_identity
from mycaffe_py.studio.compare import (
    compared,
    differing_lines,
    differing_texts,
    runs_and_earlier,
    same_weights,
)
from mycaffe_py.studio.reproduce import write_again
from mycaffe_py.studio.runs import run_named
from mycaffe_py.studio.workspace import Workspace

_NET = 'name: "n"\nlayer {\n  name: "ip"\n  type: "InnerProduct"\n}\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "nets").mkdir()
    return Workspace.at(tmp_path / "nets")


def _data(stand_in_for: str = "", sum_: str = "") -> DatasetCard:
    real = open_head("digits28.training").checksum
    return DatasetCard(
        "data", "TRAIN", "digits28.training", sum_ or real, 1437, 10, stand_in_for,
        label_names={0: "nought <b>", 1: "one"},
    )  # fmt: skip


def _run(workspace: Workspace, name: str, *, weights: bytes = b"w", **changed: object) -> RunCard:
    """A run's card and weights of iteration 20, as a training leaves them."""
    values: dict[str, object] = {
        "iteration": 20,
        "seed": 7,
        "solver": TextCard(
            "a.solver", f'net: "a.prototxt"\nmax_iter: 20\nsnapshot_prefix: "{name}"\n'
        ),
        "nets": {"a.prototxt": TextCard("a.prototxt", _NET)},
        "datasets": [_data()],
    }
    card = RunCard(**{**values, **changed})  # type: ignore[arg-type]
    files = SnapshotFiles.of(workspace.root / name, 20)
    files.weights.parent.mkdir(parents=True, exist_ok=True)
    files.weights.write_bytes(weights)
    card.write(files.card)
    return card


def test_only_what_differs_is_told_with_the_layer_it_is_in() -> None:
    new = _NET.replace("InnerProduct", "ReLU")
    assert differing_lines(_NET, new) == [
        {"layer": "ip", "line": 4, "old": ['  type: "InnerProduct"'], "new": ['  type: "ReLU"']}
    ]
    assert differing_lines(_NET, _NET) == []


def test_texts_of_a_run_without_a_card_are_not_there(workspace: Workspace) -> None:
    assert differing_texts(None, _run(workspace, "a")) == []


def test_earlier_runs_of_a_prefix_can_be_compared(workspace: Workspace) -> None:
    _run(workspace, "s/a")
    _run(workspace, "s/a_runs/1/a")
    _run(workspace, "s/a_runs/10/a")
    names = [run.name for run in runs_and_earlier(workspace)]
    assert names == ["s/a", "s/a_runs/10/a", "s/a_runs/1/a"]
    assert run_named(workspace, "s/a_runs/10/a").newest().iteration == 20


def test_weights_are_compared_by_their_bits(workspace: Workspace) -> None:
    for name, weights in (("a", b"w"), ("b", b"w"), ("c", b"v")):
        _run(workspace, name, weights=weights)
    a, b, c = (run_named(workspace, name) for name in "abc")
    assert same_weights([a, b])["same"] is True
    assert same_weights([a, b])["iteration"] == 20
    assert same_weights([a, c])["same"] is False
    b.newest().weights.unlink()
    assert same_weights([a, b])["iteration"] is None


def test_labels_are_counted_as_test_many_counts_them(workspace: Workspace) -> None:
    for name, answers in (("a", [0, 1, 1, 1]), ("b", [0, 0, 1, 0])):
        _run(workspace, name)
        kept = Answers(
            "S.testing", "", np.arange(4), np.array([0, 0, 1, 1]), np.array(answers),
            np.array([0, 1]), np.zeros((4, 2), np.float32),
        )  # fmt: skip
        write_answers(run_named(workspace, name).newest(), kept)
    _run(workspace, "c")
    [source] = compared([run_named(workspace, name) for name in "abc"])["labels"]
    assert [row["name"] for row in source["rows"]] == ["nought <b>", "one"]
    assert source["rows"][0]["counts"] == [{"right": 1, "n": 2}, {"right": 2, "n": 2}, None]
    assert source["all"] == [{"right": 3, "n": 4}, {"right": 3, "n": 4}, None]


def test_nothing_to_compare_is_no_error(workspace: Workspace) -> None:
    assert compared([run_named(workspace, "a") for _ in ()])["runs"] == []


def test_a_run_is_written_out_with_a_prefix_of_its_own(workspace: Workspace) -> None:
    _run(workspace, "s/a")
    again = write_again(workspace, "s/a")
    assert (again.run, again.solver, again.seed) == ("reproduced/a_1", "reproduced/a_1.solver", 7)
    assert workspace.read("reproduced/a_1.prototxt").content == _NET
    solver = read_solver(workspace.read(again.solver).content, again.solver).message
    assert (solver.net, solver.snapshot_prefix) == ("a_1.prototxt", "reproduced/a_1")
    assert not solver.HasField("snapshot")
    assert write_again(workspace, "s/a").run == "reproduced/a_2"


def test_a_run_that_was_stopped_is_met_where_it_stopped(workspace: Workspace) -> None:
    text = 'net: "a.prototxt"\nmax_iter: 100\nsnapshot: 50\nsnapshot_prefix: "a"\n'
    _run(workspace, "a", solver=TextCard("a.solver", text))
    again = write_again(workspace, "a")
    assert read_solver(workspace.read(again.solver).content, "").message.snapshot == 20


def test_other_data_than_the_run_had_are_refused_and_nothing_is_written(
    workspace: Workspace,
) -> None:
    _run(workspace, "a", datasets=[_data(sum_="0" * 64)])
    with pytest.raises(UserError, match="is not what the run had"):
        write_again(workspace, "a")
    assert not (workspace.root / "reproduced").exists()


def test_data_without_a_name_are_told_as_unchecked(workspace: Workspace) -> None:
    listed = DatasetCard("data", "TRAIN", "pictures/list.txt", "0" * 64, 3, 2)
    _run(workspace, "a", datasets=[listed])
    assert write_again(workspace, "a").unchecked == ("pictures/list.txt",)


def test_a_run_begins_again_at_the_weights_it_began_at(workspace: Workspace) -> None:
    first = workspace.root / "first.caffemodel"
    first.write_bytes(b"first")
    plain = _run(workspace, "a")
    _run(workspace, "a", run=run_identity(plain, [checksum(first)]))
    command = "mycaffe train --solver=a.solver --weights=first.caffemodel"
    begin = {"kind": "begin", "iteration": 0, "command": command}
    (workspace.root / "a.events.jsonl").write_text(json.dumps(begin) + "\n")
    assert write_again(workspace, "a").weights == "first.caffemodel"
    first.write_bytes(b"other")
    with pytest.raises(UserError, match="began at the weights"):
        write_again(workspace, "a")
