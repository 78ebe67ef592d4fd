"""New projects: texts from templates or written for a data set."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto.model_text import read_net, read_solver
from mycaffe_py.proto.templates import template_path
from mycaffe_py.studio.nets import told_texts
from mycaffe_py.studio.project import Wanted, new_project, told_data
from mycaffe_py.studio.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "nets").mkdir()
    return Workspace.at(tmp_path / "nets")


def test_a_template_under_its_own_name_is_the_template_to_the_letter(workspace: Workspace) -> None:
    model, solver = new_project(workspace, Wanted("siamese_28x28", "siamese_28x28"))
    packaged = template_path("model", "siamese_28x28"), template_path("solver", "siamese_28x28")
    assert (workspace.root / model).read_bytes() == packaged[0].read_bytes()
    assert (workspace.root / solver).read_bytes() == packaged[1].read_bytes()
    assert new_project(workspace, Wanted("siamese_28x28", "siamese_28x28")) == (model, solver)


def test_a_project_in_a_folder_has_a_solver_that_names_its_net(workspace: Workspace) -> None:
    model, solver = new_project(workspace, Wanted("first/mine", "lenet"))
    assert (model, solver) == ("first/mine.prototxt", "first/mine.solver")
    read = read_solver(workspace.read(solver).content, solver).message
    assert (read.net, read.snapshot_prefix) == ("mine.prototxt", "snapshots/first/mine")
    told = told_texts(workspace)
    assert told == {"nets": [{"name": model, "solvers": [solver]}], "solvers": []}


def test_another_data_set_takes_the_place_of_source_and_stand_in(workspace: Workspace) -> None:
    model, _ = new_project(workspace, Wanted("mine", "siamese_28x28", data="digits28"))
    net = read_net(workspace.read(model).content, model).message
    sources = [one.data_param.source for one in net.layer if one.HasField("data_param")]
    assert sources == ["digits28.training", "digits28.testing"]
    assert "stand_in" not in workspace.read(model).content


def test_a_model_is_written_for_a_data_set(workspace: Workspace) -> None:
    model, solver = new_project(workspace, Wanted("mine", "for the data set", data="digits28"))
    net = read_net(workspace.read(model).content, model).message
    assert net.layer[0].data_param.source == "digits28.training"
    assert read_solver(workspace.read(solver).content, solver).message.net == "mine.prototxt"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted("../x", "lenet"), "no file of this studio"),
        (Wanted("", "lenet"), "no file of this studio"),
        (Wanted("x", "lenett"), "no model template"),
        (Wanted("x", "../lenet"), "no model template"),
        (Wanted("x", "resnet50"), "comes with no solver"),
        (Wanted("x", "for the data set"), "no data set is chosen"),
        (Wanted("x", "lenet", data="no data set"), "no data set"),
        (Wanted("x", "lenet", solver="../../etc/passwd"), "no solver template"),
    ],
)
def test_what_cannot_be_made_is_told_and_nothing_is_written(
    workspace: Workspace, wanted: Wanted, found: str
) -> None:
    with pytest.raises(UserError, match=found):
        new_project(workspace, wanted)
    assert list(workspace.root.iterdir()) == []


def test_texts_that_are_there_are_not_replaced(workspace: Workspace) -> None:
    (workspace.root / "mine.solver").write_text("base_lr: 1\n")
    with pytest.raises(UserError, match=r"mine\.solver would be overwritten"):
        new_project(workspace, Wanted("mine", "lenet"))
    assert [path.name for path in workspace.root.iterdir()] == ["mine.solver"]


def test_a_solver_of_another_template_can_be_chosen(workspace: Workspace) -> None:
    _, solver = new_project(workspace, Wanted("x", "resnet50", solver="lenet"))
    assert read_solver(workspace.read(solver).content, solver).message.net == "x.prototxt"


def test_data_sets_are_told_with_what_they_hold() -> None:
    told = {one["name"]: one for one in told_data()}
    assert told["digits28"]["place"] == "built in"
    assert told["digits28"]["classes"] == 10
    assert told["digits28"]["shape"] == [1, 28, 28]
    assert set(told["digits28"]["items"]) == {"training", "testing"}


def test_a_solver_of_no_net_of_the_folder_stands_alone(workspace: Workspace) -> None:
    (workspace.root / "far.solver").write_text('net: "elsewhere/far.prototxt"\n')
    (workspace.root / "broken.solver").write_text("net {\n")
    assert set(told_texts(workspace)["solvers"]) == {"far.solver", "broken.solver"}
