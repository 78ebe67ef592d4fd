"""`mycaffe train` and `mycaffe resume`: options, words, files, mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.snapshot.run_card import RunCard
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Both texts in the folder the command runs in."""
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER)
    return tmp_path


@pytest.fixture
def train(mycaffe: Run, texts: Path) -> Run:
    """Run `mycaffe train --solver tiny.solver ...`."""

    def run(*arguments: str) -> Any:
        return mycaffe("train", "--solver", "tiny.solver", *arguments)

    return run


def snapshot(folder: Path, iteration: int, ending: str) -> bytes:
    return (folder / "snapshots" / f"tiny_iter_{iteration}.{ending}").read_bytes()


def test_train_says_what_it_does(train: Run, texts: Path) -> None:
    done = train("--seed", "5", "--set", "solver.display=6")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[:3] == ["Solving tiny", "Learning Rate Policy: multistep", "Seed: 5"]
    assert any(line.startswith("Iteration 6 (") for line in lines)
    assert "Snapshotting to snapshots/tiny_iter_12.caffemodel" in lines
    assert any(line.startswith("Optimization Done. 12 iterations in ") for line in lines)
    card = RunCard.read(texts / "snapshots" / "tiny_iter_12.run.json")
    assert card.seed == 5
    assert "display: 6" in card.solver.text


def test_the_seed_comes_from_the_option_then_the_text_then_the_system(
    train: Run, texts: Path
) -> None:
    assert "Seed: 5\n" in train("--seed", "5", "--set", "solver.random_seed=7").out
    assert "Seed: 7\n" in train("--set", "solver.random_seed=7").out
    fresh = {train().out.partition("Seed: ")[2].partition("\n")[0] for _ in range(3)}
    assert len(fresh) == 3


def test_one_seed_gives_one_file(train: Run, texts: Path) -> None:
    found = []
    for threads in ("1", "1", "2"):
        assert train("--seed", "5", "--threads", threads).code == 0
        found.append((snapshot(texts, 12, "caffemodel"), snapshot(texts, 12, "solverstate")))
    assert found[0] == found[1] == found[2]


def test_resume_goes_on_from_the_newest_state(train: Run, mycaffe: Run, texts: Path) -> None:
    assert train("--seed", "5").code == 0
    wanted = snapshot(texts, 12, "solverstate")
    for path in (texts / "snapshots").iterdir():
        path.unlink()
    assert train("--seed", "5", "--iterations", "7").code == 0
    (texts / "tiny.prototxt").unlink()
    done = mycaffe("resume", "--iterations", "12")
    assert done.code == 0, done.err
    assert "Restored snapshots/tiny_iter_7.solverstate at iteration 7" in done.out
    assert snapshot(texts, 12, "solverstate") == wanted


def test_a_batch_is_worked_on_in_shards(train: Run, mycaffe: Run, texts: Path) -> None:
    done = train("--seed", "5", "--shards", "4", "--iterations", "7")
    assert "Batches in 4 shards, on 1 process\n" in done.out
    assert mycaffe("resume", "--iterations", "12").code == 0
    assert RunCard.read(texts / "snapshots/tiny_iter_12.run.json").shards == 4
    wanted = snapshot(texts, 12, "solverstate")
    assert train("--seed", "5", "--shards", "4").code == 0
    assert snapshot(texts, 12, "solverstate") == wanted


def test_a_finished_run_is_left_as_it_is(train: Run, mycaffe: Run, texts: Path) -> None:
    assert train("--set", "solver.display=4").code == 0
    before = {path.name: path.read_bytes() for path in (texts / "snapshots").iterdir()}
    done = mycaffe("resume")
    assert done.code == 0
    assert "max_iter 12 is reached; --iterations N trains up to N" in done.out
    after = {path.name: path.read_bytes() for path in (texts / "snapshots").iterdir()}
    assert after == before


def test_train_takes_a_state_with_new_texts(train: Run, texts: Path) -> None:
    assert train("--seed", "5", "--iterations", "7").code == 0
    done = train("--snapshot", "snapshots/tiny_iter_7.solverstate", "--set", "solver.base_lr=0.5")
    assert "Seed: 5\n" in done.out
    assert done.code == 0


def test_weights_of_several_files_are_the_start(train: Run, texts: Path) -> None:
    assert train("--seed", "5").code == 0
    first = texts / "first.caffemodel"
    first.write_bytes(snapshot(texts, 12, "caffemodel"))
    renamed = NET.replace('"ip2"', '"other"')
    (texts / "tiny.prototxt").write_text(renamed)
    done = train("--weights", "first.caffemodel, first.caffemodel", "--iterations", "1")
    assert done.code == 0, done.err
    assert done.out.count("Finetuning from first.caffemodel: ip1") == 2
    assert "Ignoring source layers ip2" in done.out
    assert "Filled anew, not in the file: other" in done.out


@pytest.mark.slow
def test_the_stand_in_is_told_at_both_ends(mycaffe: Run, tmp_path: Path, digits_only: None) -> None:
    done = mycaffe(
        "train", "--solver", "lenet.solver", "--iterations", "1", "--threads", "1",
        "--set", "net.layer.mnist.data_param.batch_size=2", "--set", "solver.test_iter=1",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.err.index("STAND-IN DATA: 'MNIST.training' is NOT used") < done.err.rindex(
        "STAND-IN DATA: this run used"
    )
    card = RunCard.read(tmp_path / "snapshots" / "lenet_iter_1.run.json")
    assert {d.stand_in_for for d in card.datasets} == {"MNIST.training", "MNIST.testing"}


@pytest.mark.slow
def test_resume_refuses_other_data(train: Run, mycaffe: Run, texts: Path) -> None:
    net = (
        'layer { name: "d" type: "Data" top: "d" top: "l" '
        'data_param { source: "digits28.training" batch_size: 2 } }\n'
        'layer { name: "ip" type: "InnerProduct" bottom: "d" top: "ip" '
        "inner_product_param { num_output: 10 } }\n"
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "l" }\n'
    )
    (texts / "tiny.prototxt").write_text(net)
    assert train("--iterations", "1").code == 0
    card = texts / "snapshots" / "tiny_iter_1.run.json"
    raw = json.loads(card.read_text())
    raw["datasets"][0]["checksum"] = "0" * 64
    card.write_text(json.dumps(raw))
    done = mycaffe("resume", "--iterations", "2")
    assert done.code == 2
    assert "a run goes on with the data it began with" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "-1"], "--seed -1; a seed is a number of at least 0"),
        (["--threads", "0"], "0 threads; from 1 to "),
        (["--iterations", "0"], "--iterations 0; a run has at least 1"),
        (["--set", "solver.base_rl=1"], "Did you mean 'base_lr'?"),
        (["--set", "base_lr=1"], "--set base_lr=1"),
        (["--set", "solver.base_lr=much"], "error: --set solver.base_lr=much: 'much' is no value"),
        (["--set", "net.layer.nope.name=x"], "error: --set net.layer.nope.name=x: no layer 'nope'"),
        (["--set", "solver.base_lr=-1"], "base_lr is -1; at least 0"),
        (["--weights", "none.caffemodel"], "cannot read none.caffemodel"),
        (["--snapshot", "none.solverstate"], "there is no solver state 'none.solverstate'"),
        (["--snapshot", "tiny.solver"], "'tiny.solver' is no file of a snapshot"),
        (["--weights", "a.caffemodel", "--snapshot", "b.solverstate"], "not allowed with"),
        (["--set", "solver.snapshot_prefix=tiny.solver/x"], "snapshots cannot be written to"),
    ],
)
def test_mistakes_are_told_with_exit_code_2(train: Run, arguments: list[str], words: str) -> None:
    done = train(*arguments)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err


def test_a_model_in_place_of_the_solver(train: Run, mycaffe: Run, texts: Path) -> None:
    done = mycaffe("train", "--solver", "tiny.prototxt")
    assert done.code == 2
    assert "error: tiny.prototxt: this is a model text; a solver text is wanted" in done.err


def test_more_memory_than_there_is(train: Run, texts: Path) -> None:
    wanted = "net.layer.ip1.inner_product_param.num_output=4000000000"
    done = train("--set", wanted, "--set", "net.layer.x.dummy_data_param.shape[0].dim=8,500000")
    assert done.code == 1
    assert "error: there is not enough memory for this" in done.err
    assert "num_output smaller" in done.err


def test_resume_without_a_snapshot(mycaffe: Run, tmp_path: Path) -> None:
    done = mycaffe("resume")
    assert done.code == 2
    assert f"there is no *_iter_*.solverstate below {tmp_path}" in done.err


@pytest.mark.parametrize("kept", [0, 10, 100])
def test_resume_from_damaged_files(train: Run, mycaffe: Run, texts: Path, kept: int) -> None:
    assert train().code == 0
    for ending in ("solverstate", "caffemodel"):
        path = texts / "snapshots" / f"tiny_iter_12.{ending}"
        whole = path.read_bytes()
        path.write_bytes(whole[:kept])
        done = mycaffe("resume")
        assert done.code == 2
        assert f"tiny_iter_12.{ending}" in done.err
        path.write_bytes(whole)


def test_a_loss_that_is_no_number_is_a_failure(train: Run, texts: Path) -> None:
    done = train("--set", "solver.base_lr=1e30", "--set", "solver.snapshot=1", "--seed", "1")
    assert done.code == 1
    assert "holds NaN or infinity" in done.err or "the loss became" in done.err
    assert "Traceback" not in done.err


def test_flags_as_caffe_spells_them(mycaffe: Run, texts: Path) -> None:
    done = mycaffe("train", "-solver=tiny.solver", "-gpu", "all", "--sighup_effect=none")
    assert done.code == 0, done.err
    assert "--gpu all is passed over: all runs on the CPU" in done.err


def test_level_and_stage_choose_layers_of_the_train_net_and_resume_knows(
    train: Run, mycaffe: Run, texts: Path
) -> None:
    """Two more losses: one from level 3 on, one in stage "more"."""
    more = 'layer { name: "NAME" type: "Reduction" bottom: "y" top: "NAME" include { RULE } }\n'
    layers = [more.replace("NAME", "b").replace("RULE", "min_level: 3")]
    layers += [more.replace("NAME", "c").replace("RULE", 'stage: "more"')]
    (texts / "tiny.prototxt").write_text(NET + "".join(layers))
    display = ("--set", "solver.display=6")
    assert "[b =" not in train(*display).out
    assert "[b =" in train(*display, "--level", "3").out
    done = train(*display, "--stage", "more,other", "--iterations", "6")
    assert "[c =" in done.out
    assert "[c =" in mycaffe("resume", "--iterations", "12").out


@pytest.mark.slow
def test_several_weight_files_and_a_report(train: Run, texts: Path) -> None:
    assert train("--seed", "1").code == 0
    other = NET.replace('"ip1"', '"other"')
    net = (texts / "tiny.prototxt").read_text()
    (texts / "tiny.prototxt").write_text(other)
    assert train("--seed", "2", "--set", "solver.snapshot_prefix=second").code == 0
    (texts / "tiny.prototxt").write_text(net)
    done = train("--weights", "snapshots/tiny_iter_12.caffemodel, second_iter_12.caffemodel")
    assert done.code == 0, done.err
    assert "Finetuning from snapshots/tiny_iter_12.caffemodel: ip1, ip2\n" in done.out
    assert "Finetuning from second_iter_12.caffemodel: ip2\n" in done.out
    assert "Ignoring source layers other\n" in done.out
    assert "Not in this file but in another: ip1\n" in done.out
    assert "Filled anew" not in done.out


def test_a_layer_of_a_later_file_is_not_called_filled_anew(train: Run, texts: Path) -> None:
    assert train("--seed", "1").code == 0
    net = (texts / "tiny.prototxt").read_text()
    (texts / "tiny.prototxt").write_text(net.replace('"ip1"', '"other"'))
    assert train("--seed", "2", "--set", "solver.snapshot_prefix=second").code == 0
    (texts / "tiny.prototxt").write_text(net)
    done = train("--weights", "second_iter_12.caffemodel,snapshots/tiny_iter_12.caffemodel")
    told = done.out.splitlines()
    assert told[told.index("Ignoring source layers other") + 1] == (
        "Not in this file but in another: ip1"
    )
    assert "Filled anew" not in done.out


def test_a_resume_with_another_batch_size_says_so(train: Run, texts: Path, mycaffe: Run) -> None:
    assert train("--seed", "1", "--iterations", "7").code == 0
    same = mycaffe("resume", "--iterations", "8")
    assert same.code == 0 and "learns from" not in same.out
    net = (texts / "tiny.prototxt").read_text()
    (texts / "tiny.prototxt").write_text(net.replace("dim: 8", "dim: 16"))
    done = train("--snapshot", "snapshots/tiny_iter_8.solverstate", "--iterations", "9")
    assert done.code == 0, done.err
    assert "Note: an iteration learns from 16 images now, and from 8 before" in done.out


def test_weights_that_do_not_fit_name_the_layer_and_the_remedy(train: Run, texts: Path) -> None:
    assert train().code == 0
    (texts / "tiny.prototxt").write_text(NET.replace("num_output: 4", "num_output: 6"))
    done = train("--weights", "snapshots/tiny_iter_12.caffemodel")
    assert done.code == 2
    assert "blob 0 of layer 'ip1' is (4, 5) there and (6, 5) in the net" in done.err
    assert "Rename the layers of the model" in done.err


ONE_BRANCH_EDITED = """
layer { name: "pair" type: "DummyData" top: "pair" dummy_data_param { shape { dim: 4 dim: 6 } } }
layer { name: "sim" type: "DummyData" top: "sim" dummy_data_param { shape { dim: 4 } } }
layer { name: "cut" type: "Slice" bottom: "pair" top: "a" top: "b" }
layer { name: "ipa" type: "InnerProduct" bottom: "a" top: "ipa" param { name: "w" }
  inner_product_param { num_output: 2 bias_term: false weight_filler { type: "xavier" } } }
layer { name: "relua" type: "ReLU" bottom: "ipa" top: "ipa" }
layer { name: "ipb" type: "InnerProduct" bottom: "b" top: "ipb" param { name: "w" }
  inner_product_param { num_output: 2 bias_term: false weight_filler { type: "xavier" } } }
layer { name: "loss" type: "ContrastiveLoss" bottom: "ipa" bottom: "ipb" bottom: "sim" top: "loss" }
"""


def test_branches_of_which_one_was_edited_are_told_once(
    train: Run, mycaffe: Run, texts: Path
) -> None:
    (texts / "tiny.prototxt").write_text(ONE_BRANCH_EDITED)
    line = "The branches 'ipa' and 'ipb' of layer 'loss' (ContrastiveLoss) differ: 'relua' (ReLU) "
    done = train()
    assert done.code == 0
    assert done.out.count(f"Warning: {line}has no twin. They learn as the text has them.\n") == 1
    explained = mycaffe("explain", "model", "tiny.prototxt", "--phase", "TRAIN").out
    assert explained.count(f"{line}has no twin.") == 1
