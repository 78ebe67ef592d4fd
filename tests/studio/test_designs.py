"""Designs: results that lie in the folder, and the commands that make them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.designs import head_names, rankings
from mycaffe_py.studio.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path)


def test_rankings_are_found_below_the_folder_and_damaged_ones_are_named(
    workspace: Workspace,
) -> None:
    for folder, text in (
        ("good", json.dumps({"designs": [{"name": "cosine", "rank": 1}]})),
        ("torn", "{"), ("other", '{"designs": [1]}'), ("list", "[]"),
    ):  # fmt: skip
        (workspace.root / folder).mkdir()
        (workspace.root / folder / "rank.json").write_text(text)
    found = {one["folder"]: one["damaged"] for one in rankings(workspace)}
    assert found == {"good": False, "torn": True, "other": True, "list": True}


def test_rank_is_a_command_of_chosen_heads(workspace: Workspace) -> None:
    asked = {"heads": ["cosine", "mlp"], "features": "T.training", "seeds": "1", "out": "r/a"}
    words = command_of(workspace, "rank", asked)
    assert words == ["rank", "cosine", "mlp", "--features=T.training", "--seeds=1", "--out=./r/a"]
    assert {"cosine", "mlp"} <= set(head_names())


@pytest.mark.parametrize(
    "changed",
    [
        {"heads": []}, {"heads": ["--json"]}, {"heads": ["../x"]}, {"heads": "cosine"},
        {"features": ""}, {"out": "../r"}, {"out": "/tmp/r"}, {"out": ".hidden"},
    ],
)  # fmt: skip
def test_what_is_no_head_table_or_folder_of_ours_is_refused(
    workspace: Workspace, changed: dict[str, object]
) -> None:
    asked = {"heads": ["cosine"], "features": "T.training", **changed}
    with pytest.raises(UserError):
        command_of(workspace, "rank", asked)


def test_refine_takes_files_of_the_folder(workspace: Workspace) -> None:
    asked = {
        "base": "a.prototxt", "base_weights": "a.caffemodel", "blob": "ip1", "head": "cosine",
        "head_weights": "ranking/cosine.caffemodel", "source": "digits28.training",
        "split_by": "class", "unseen": "8,9",
    }  # fmt: skip
    assert command_of(workspace, "refine", asked) == [
        "refine", "--base=./a.prototxt", "--base-weights=./a.caffemodel", "--blob=ip1",
        "--head=cosine", "--head-weights=./ranking/cosine.caffemodel",
        "--source=digits28.training", "--split-by=class", "--unseen=8,9",
    ]  # fmt: skip
    with pytest.raises(UserError):
        command_of(workspace, "refine", {**asked, "head_weights": "../x.caffemodel"})
