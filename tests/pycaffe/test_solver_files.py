"""What solvers of scripts write, read and share: snapshots, states, weights."""

from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.pycaffe.nets import LINE, write
from tests.pycaffe.test_solver import sgd, text


def test_snapshot_and_restore(tmp_path: Path) -> None:
    a = sgd(tmp_path, "momentum: 0.9")
    a.step(2)
    a.snapshot()
    a.step(2)
    state = tmp_path / "run_iter_2.solverstate"
    assert state.is_file()
    assert (tmp_path / "run_iter_2.caffemodel").is_file()
    b = sgd(tmp_path, "momentum: 0.9")
    b.restore(str(state))
    assert b.iter == 2
    b.step(2)
    c = sgd(tmp_path, "momentum: 0.9")
    c.param.max_iter = 4
    c.solve(str(state))
    assert c.iter == 4
    for other in (b, c):
        for mine, theirs in zip(a.net.params["ip"], other.net.params["ip"], strict=True):
            assert (mine.data == theirs.data).all()


def test_snapshot_diff_writes_what_the_update_left_in_diff(tmp_path: Path) -> None:
    solver = sgd(tmp_path, "momentum: 0.9 snapshot_diff: true")
    solver.step(2)
    solver.snapshot()
    saved = pb.NetParameter.FromString((tmp_path / "run_iter_2.caffemodel").read_bytes())
    (ip,) = (layer for layer in saved.layer if layer.name == "ip")
    for mine, stored in zip(solver.net.params["ip"], ip.blobs, strict=True):
        assert list(stored.diff) == mine.diff.ravel().tolist() != [0] * mine.count
    solver.net.save(str(tmp_path / "plain.caffemodel"))
    plain = pb.NetParameter.FromString((tmp_path / "plain.caffemodel").read_bytes())
    assert not any(len(blob.diff) for layer in plain.layer for blob in layer.blobs)


NOISE = LINE.replace(
    "shape { dim: 4 dim: 2 } shape { dim: 4 dim: 1 }",
    "shape { dim: 4 dim: 2 } shape { dim: 4 dim: 1 } "
    "data_filler { type: 'gaussian' } data_filler { type: 'gaussian' }",
)


def test_a_restored_run_goes_on_with_the_batches_that_come_next(tmp_path: Path) -> None:
    more = "random_seed: 3 iter_size: 2 test_iter: 2 test_interval: 2"
    a = caffe.SGDSolver(text(tmp_path, more, NOISE))
    a.step(2)
    a.snapshot()
    a.step(2)
    b = caffe.SGDSolver(text(tmp_path, more, NOISE))
    b.restore(tmp_path / "run_iter_2.solverstate")
    b.step(2)
    for net, other in zip([a.net, *a.test_nets], [b.net, *b.test_nets], strict=True):
        assert (net.blobs["x"].data == other.blobs["x"].data).all()
    assert (a.net.params["ip"][0].data == b.net.params["ip"][0].data).all()


def test_snapshots_fall_due(tmp_path: Path) -> None:
    solver = sgd(tmp_path, "snapshot: 2")
    solver.param.snapshot_after_train = True
    solver.step(3)
    names = {path.name for path in tmp_path.glob("*.solverstate")}
    assert names == {"run_iter_2.solverstate"}
    solver.param.max_iter = 5
    solver.solve()
    names = {path.name for path in tmp_path.glob("*.solverstate")}
    assert names == {"run_iter_2.solverstate", "run_iter_4.solverstate", "run_iter_5.solverstate"}


def test_weights_of_the_text_are_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = sgd(tmp_path)
    first.net.params["ip"][0].data[...] = 7
    first.net.save(str(tmp_path / "seven.caffemodel"))
    second = sgd(tmp_path, f"weights: '{tmp_path}/seven.caffemodel' test_iter: 1 test_interval: 9")
    for net in [second.net, *second.test_nets]:
        assert (net.params["ip"][0].data == 7).all()
    assert "Finetuning from" in capsys.readouterr().err


def test_share_weights(tmp_path: Path) -> None:
    solver = sgd(tmp_path)
    net = caffe.Net(write(tmp_path, LINE), caffe.TEST)
    solver.share_weights(net)
    solver.step(1)
    assert (net.params["ip"][0].data == solver.net.params["ip"][0].data).all()
    assert np.shares_memory(net.params["ip"][0].data, solver.net.params["ip"][0].data)


def test_a_solver_whose_net_shares_with_another_trains_both(tmp_path: Path) -> None:
    alone = sgd(tmp_path, "momentum: 0.9")
    alone.step(2)
    first, second = sgd(tmp_path, "momentum: 0.9"), sgd(tmp_path, "momentum: 0.9")
    second.net.params["ip"][0].data[...] = 9
    second.net.share_with(first.net)
    second.step(2)
    for net in (first.net, second.net):
        for mine, wanted in zip(net.params["ip"], alone.net.params["ip"], strict=True):
            assert (mine.data == wanted.data).all()
    assert second.net.params["ip"][0].diff.any()
