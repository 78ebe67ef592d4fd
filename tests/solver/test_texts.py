"""From solver texts to jobs: which net, which states, overrides, run cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.select import State
from mycaffe_py.proto.mycaffe_pb2 import TEST, TRAIN, NetState
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.cards import make_card
from mycaffe_py.solver.texts import Job, job_of_card, read_job
from tests.solver.tiny import NET, SOLVER, tiny_job

NUMBERS = 'base_lr: 0.1 lr_policy: "fixed" max_iter: 3 '


def job(folder: Path, text: str, *overrides: str) -> Job:
    for name in ("a", "b", "c"):
        (folder / f"{name}.prototxt").write_text(NET.replace("tiny", name))
    (folder / "my.solver").write_text(text)
    return read_job(str(folder / "my.solver"), overrides)


def test_nets_lie_beside_the_solver_text(tmp_path: Path) -> None:
    found = job(tmp_path, NUMBERS + 'net: "a.prototxt"')
    assert found.train.net.name == "a"
    assert found.train.state.phase == TRAIN
    assert found.tests == ()
    assert found.nets["a.prototxt"].file == str(tmp_path / "a.prototxt")


def test_explicit_test_nets_come_first_then_the_generic_one(tmp_path: Path) -> None:
    found = job(
        tmp_path,
        NUMBERS + 'net: "a.prototxt" test_net: "b.prototxt" test_interval: 1 '
        'test_iter: 2 test_iter: 3 test_state { stage: "s" } test_state { level: 4 }',
    )
    assert [text.net.name for text in found.tests] == ["b", "a"]
    assert [text.state.phase for text in found.tests] == [TEST, TEST]
    assert found.tests[0].state.stages == ("s",)
    assert found.tests[1].state.level == 4


def test_a_net_may_stand_inside_the_solver_text(tmp_path: Path) -> None:
    found = job(tmp_path, NUMBERS + "net_param {" + NET + "}", "net.name=changed")
    assert found.train.net.name == "changed"
    assert found.nets == {}
    assert 'name: "changed"' in found.card.text


def test_nets_of_all_four_kinds_and_their_states(tmp_path: Path) -> None:
    """test_net_param first, then test_net, then the generic net; stages add up, levels win."""
    inner = 'state { stage: "own" level: 1 } layers { name: "old" type: RELU }'
    found = job(
        tmp_path,
        NUMBERS + 'net_param { name: "generic" } test_net: "b.prototxt" '
        'test_net_param { name: "first" ' + inner + " } test_interval: 1 "
        "test_iter: 1 test_iter: 2 test_iter: 3 "
        'test_state { stage: "s" level: 4 } test_state { } test_state { stage: "t" }',
    )
    assert [text.net.name for text in found.tests] == ["first", "b", "generic"]
    assert found.train.net.name == "generic"
    assert found.tests[0].state == State(TEST, 4, ("own", "s"))
    assert found.tests[2].state == State(TEST, 0, ("t",))


def test_an_old_net_inside_the_solver_text_is_upgraded(tmp_path: Path) -> None:
    """Caffe forgets it, and builds an empty net of examples/mnist/lenet_consolidated_solver."""
    old = 'train_net_param { layers { name: "r" type: RELU } }'
    found = job(tmp_path, NUMBERS + old)
    assert [layer.type for layer in found.train.net.layer] == ["ReLU"]
    assert found.notes == ("1 layers of the old form (V1) are read as today's",)


def test_level_and_stages_of_the_command_line_are_kept_in_the_card(tmp_path: Path) -> None:
    path = tmp_path / "my.solver"
    path.write_text(NUMBERS + 'net: "a.prototxt" train_state { stage: "text" level: 1 }')
    (tmp_path / "a.prototxt").write_text(NET)
    found = read_job(str(path), (), NetState(level=3, stage=["x"]))
    assert found.train.state == State(TRAIN, 3, ("text", "x"))
    card = RunCard(iteration=0, seed=0, solver=found.card, nets=found.nets)
    assert job_of_card(card).train.state == found.train.state


def test_overrides_are_part_of_the_texts(tmp_path: Path) -> None:
    found = job(tmp_path, NUMBERS + 'net: "a.prototxt"', "solver.base_lr=0.5", "net.name=changed")
    assert found.solver.base_lr == 0.5
    assert "base_lr: 0.5" in found.card.text
    assert found.train.net.name == "changed"
    assert 'name: "changed"' in found.nets["a.prototxt"].text


def test_texts_without_overrides_stay_as_they_are_written(tmp_path: Path) -> None:
    found = tiny_job(tmp_path)
    assert found.card.text == SOLVER
    assert found.nets["tiny.prototxt"].text == NET


def test_a_run_card_brings_the_job_back(tmp_path: Path) -> None:
    first = tiny_job(tmp_path, "test_iter: 1 test_interval: 4")
    make_card(build_solver(first, 7)).write(tmp_path / "card.json")
    card = RunCard.read(tmp_path / "card.json")
    for name in ("tiny.prototxt", "tiny.solver"):
        (tmp_path / name).unlink()
    again = job_of_card(card)
    assert again.solver == first.solver
    assert again.train == first.train
    assert again.tests == first.tests
    assert card.seed == 7
    assert tuple(card.shapes["y"]) == (8, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NUMBERS, "no net is named"),
        (NUMBERS + 'net: "a.prototxt" train_net: "b.prototxt"', "net and train_net are both given"),
        (NUMBERS + 'net: "z.prototxt"', "there is no model 'z.prototxt'"),
        (
            NUMBERS + 'train_net: "a.prototxt" test_iter: 1 test_interval: 1',
            "1 test_iter entries for 0 test nets",
        ),
        (
            NUMBERS + 'net: "a.prototxt" test_iter: 1 test_interval: 1 '
            "test_state { level: 1 } test_state { level: 2 }",
            "2 test_state entries for 1 test nets",
        ),
        (NUMBERS + 'net: "a.prototxt" test_iter: 1', "test_interval is 0"),
        (NUMBERS + 'net: "a.prototxt" test_iter: 0 test_interval: 1', "test_iter is 0"),
        (NUMBERS + 'net: "a.prototxt" iter_size: 0', "iter_size is 0"),
        ('net: "a.prototxt" max_iter: 3', "base_lr is missing"),
        ('net: "a.prototxt" base_lr: 3', "max_iter is missing"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        job(tmp_path, text)
    assert words in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "my.solver"))


@pytest.mark.parametrize("override", ["base_lr=1", "solver.base_lr", "layer.conv1.name=3"])
def test_an_override_says_which_text_it_is_for(tmp_path: Path, override: str) -> None:
    with pytest.raises(UserError, match="--set"):
        job(tmp_path, NUMBERS + 'net: "a.prototxt"', override)
