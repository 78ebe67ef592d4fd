"""Files of other versions of Caffe: found, told, upgraded under another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.old_files import old_files
from mycaffe_py.studio.workspace import Workspace

_NET = 'layers { name: "ip" type: INNER_PRODUCT top: "ip" inner_product_param { num_output: 2 } }\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "nets"
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "net.prototxt").write_text(_NET)
    (folder / "old" / "net_solver.prototxt").write_text('net: "net.prototxt"\nsolver_type: ADAM\n')
    (folder / "old" / "net.caffemodel").write_bytes(b"\x0a\x01n")
    for ending in (".caffemodel", ".run.json"):
        (folder / f"today_iter_1{ending}").write_bytes(b"")
    (folder / "torn.prototxt").write_text("layer {\n")
    return Workspace.at(folder)


def test_each_file_is_told_with_its_kind_and_what_changes(workspace: Workspace) -> None:
    told = {one["name"]: one for one in old_files(workspace)}
    assert {name: one["kind"] for name, one in told.items()} == {
        "old/net.prototxt": "net",
        "old/net_solver.prototxt": "solver",
        "old/net.caffemodel": "weights",
        "torn.prototxt": "",
    }
    assert told["old/net.prototxt"]["notes"]
    assert told["old/net_solver.prototxt"]["target"] == "old/net_solver_upgraded.solver"
    assert told["torn.prototxt"]["error"]["line"] == 1


def test_an_upgrade_is_a_command_with_another_name_as_its_end(workspace: Workspace) -> None:
    words = command_of(workspace, "upgrade", {"file": "old/net.prototxt"})
    assert words == ["upgrade", "net", "./old/net.prototxt", "./old/net_upgraded.prototxt"]
    (workspace.root / "old" / "net_upgraded.prototxt").write_text("")
    with pytest.raises(UserError, match="is there already"):
        command_of(workspace, "upgrade", {"file": "old/net.prototxt"})


@pytest.mark.parametrize("name", ["../net.prototxt", "--help", "net.txt", "", 3, None])
def test_an_upgrade_of_no_file_of_the_folder_is_refused(workspace: Workspace, name: object) -> None:
    with pytest.raises(UserError):
        command_of(workspace, "upgrade", {"file": name})


def test_a_training_begins_at_old_weights(workspace: Workspace) -> None:
    (workspace.root / "a.solver").write_text("")
    asked = {"solver": "a.solver", "weights": "old/net.caffemodel"}
    words = command_of(workspace, "train", asked)
    assert words == ["train", "--solver=./a.solver", "--weights=./old/net.caffemodel"]
    with pytest.raises(UserError, match="no file of this studio"):
        command_of(workspace, "train", {**asked, "weights": "../other.caffemodel"})
