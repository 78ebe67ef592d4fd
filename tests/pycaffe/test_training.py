"""The loop under pycaffe's solvers: what it shares with that of the command line."""

from pathlib import Path

import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from mycaffe_py.pycaffe.plain_net import PlainNet
from mycaffe_py.pycaffe.training import Training
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.texts import read_job
from tests.pycaffe.test_solver import sgd, text
from tests.solver.hooks.test_normalization import NET as MOVING
from tests.solver.hooks.test_normalization import SOLVER


def test_it_has_all_that_a_solver_has(tmp_path: Path) -> None:
    job = read_job(text(tmp_path, "test_iter: 1 test_interval: 2"))
    mine, usual = vars(Training(job)), vars(build_solver(job, 0))
    assert set(usual) <= set(mine)
    for name in ("iteration", "current_step", "rate", "stopping", "record"):
        assert mine[name] == usual[name]
    assert all(isinstance(net, PlainNet) for net in [mine["net"], *mine["test_nets"]])


def test_both_loops_come_to_the_same_weights(tmp_path: Path) -> None:
    more = "random_seed: 7 momentum: 0.9 weight_decay: 0.01"
    here = sgd(tmp_path, more)
    there = build_solver(read_job(text(tmp_path, more)), 7)
    here.step(1)
    # Constants of DummyData come from the text there; here a script has put other values.
    values = there.net.values["ip[0]"].copy()
    there.net.forward()
    assert (there.net.blob("x") == 0).all()
    here = caffe.SGDSolver(text(tmp_path, more))
    here.solve()
    there.solve()
    assert (here.net.params["ip"][0].data == there.net.values["ip[0]"]).all()
    assert (values != there.net.values["ip[0]"]).any()


def test_debug_info_tells_of_every_array(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solver = sgd(tmp_path, "debug_info: true")
    solver.step(1)
    lines = [line.split("] ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    assert "    [Forward] Layer in, top blob x data: 1.5" in lines
    assert any(line.startswith("    [Backward] Layer ip, param blob 0 diff: ") for line in lines)
    assert lines[-1].startswith("    [Backward] All net params (data, diff): L1 norm = (")


def test_statistics_of_batch_norm_that_lag_behind_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tiny.prototxt").write_text(MOVING % "")
    (tmp_path / "tiny.solver").write_text(
        SOLVER.replace("tiny.prototxt", str(tmp_path / "tiny.prototxt"))
        + f"random_seed: 1 snapshot_prefix: '{tmp_path / 'tiny'}'"
    )
    caffe.get_solver(str(tmp_path / "tiny.solver")).step(62)
    told = [line for line in capsys.readouterr().err.splitlines() if "part ways" in line]
    assert len(told) == 1
    assert "layer 'norm' (BatchNorm)" in told[0]


def test_a_script_has_the_whole_batch(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="shards is 2"):
        Training(read_job(text(tmp_path, "shards: 2")))
