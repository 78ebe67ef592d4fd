"""Snapshots: same bytes from the same run, going on ends where it would have ended."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import restore, save
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import NET, tiny_job, tiny_solver

EXTRA = 'type: "Adam" test_iter: 2 test_interval: 4 average_loss: 3'
GOLDEN = Path(__file__).parent.parent / "golden" / "solvers"


def steps(solver: Solver, until: int) -> Solver:
    while solver.iteration < until:
        solver.step()
    return solver


def content(files: SnapshotFiles) -> tuple[bytes, bytes]:
    return files.weights.read_bytes(), files.state.read_bytes()


@pytest.fixture
def saved(tmp_path: Path) -> SnapshotFiles:
    """A snapshot at iteration 5."""
    return save(steps(tiny_solver(tmp_path, EXTRA), 5), tmp_path / "s")


def test_going_on_gives_the_bytes_of_never_having_stopped(
    tmp_path: Path, saved: SnapshotFiles
) -> None:
    wanted = content(save(steps(tiny_solver(tmp_path, EXTRA), 12), tmp_path / "s"))
    resumed = tiny_solver(tmp_path, EXTRA)
    restore(resumed, saved.state)
    assert (resumed.iteration, resumed.current_step) == (5, 1)
    assert content(save(steps(resumed, 12), tmp_path / "s")) == wanted


def test_the_pair_may_be_moved_together(tmp_path: Path, saved: SnapshotFiles) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in (saved.weights, saved.state):
        shutil.move(path, elsewhere)
    solver = tiny_solver(tmp_path, EXTRA)
    restore(solver, elsewhere / saved.state.name)
    assert solver.iteration == 5


def test_missing_weights_are_named(tmp_path: Path, saved: SnapshotFiles) -> None:
    saved.weights.unlink()
    with pytest.raises(UserError, match=r"the weights of .*s_iter_5.solverstate are missing"):
        restore(tiny_solver(tmp_path, EXTRA), saved.state)


@pytest.mark.parametrize("kept_bytes", [0, 1, 40, 200])
def test_truncated_states_are_refused(
    tmp_path: Path, saved: SnapshotFiles, kept_bytes: int
) -> None:
    saved.state.write_bytes(saved.state.read_bytes()[:kept_bytes])
    solver = tiny_solver(tmp_path, EXTRA)
    with pytest.raises(UserError) as error:
        restore(solver, saved.state)
    assert "s_iter_5.solverstate" in str(error.value)
    assert solver.iteration == 0


def test_a_state_of_another_solver_type_is_refused(tmp_path: Path, saved: SnapshotFiles) -> None:
    with pytest.raises(UserError, match="holds 8 history blobs; solver type SGD keeps 4"):
        restore(tiny_solver(tmp_path), saved.state)


def test_weights_of_another_net_are_refused_with_all_mismatches(
    tmp_path: Path, saved: SnapshotFiles
) -> None:
    other = build_solver(
        tiny_job(tmp_path, EXTRA, net=NET.replace("num_output: 4", "num_output: 6")), 1
    )
    with pytest.raises(UserError) as error:
        restore(other, saved.state)
    for words in (
        "blob 0 of layer 'ip1' is (4, 5) there and (6, 5) in the net",
        "blob 1 of layer 'ip1' is (4,) there and (6,) in the net",
        "blob 0 of layer 'ip2' is (3, 4) there and (3, 6) in the net",
    ):
        assert words in str(error.value)


def test_weights_that_are_no_numbers_are_not_saved(tmp_path: Path, saved: SnapshotFiles) -> None:
    before = content(saved)
    solver = steps(tiny_solver(tmp_path, EXTRA), 5)
    solver.params.values["ip2[0]"][0, 0] = np.nan
    with pytest.raises(MyCaffeError, match=r"parameter 0 of layer 'ip2' holds NaN"):
        save(solver, tmp_path / "s")
    assert content(saved) == before


def test_no_state_stands_beside_weights_of_another_run(
    tmp_path: Path, saved: SnapshotFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies between weights and state must not leave the old state beside the new."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mycaffe_py.solver.saving.write_state", dies)
    old = saved.weights.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        save(steps(tiny_solver(tmp_path, EXTRA, seed=2), 5), tmp_path / "s")
    assert saved.weights.read_bytes() != old
    assert not saved.state.exists()


def test_a_state_written_by_caffe_is_gone_on_with(tmp_path: Path) -> None:
    """Weights and moments are those of Caffe's files; the trace test covers what follows."""
    net = (GOLDEN / "adam" / "net.prototxt").read_text()
    text = (GOLDEN / "adam" / "solver.prototxt").read_text()
    solver = build_solver(
        tiny_job(tmp_path, net=net, solver=text.replace("net.proto", "tiny.proto")), 0
    )
    restore(solver, GOLDEN / "adam" / "snap_iter_3.solverstate")
    trace = np.load(GOLDEN / "adam" / "trace.npz")
    assert solver.iteration == 3
    np.testing.assert_array_equal(solver.params.values["ip1[0]"], trace["w3/ip1/0"])
    for iteration in range(3, 6):
        solver.net.feed({"x": trace["x"][iteration], "label": trace["label"][iteration]})
        solver.step()
        for key in ("ip1/0", "ip1/1", "ip2/0"):
            layer, index = key.split("/")
            found = solver.params.values[f"{layer}[{index}]"]
            wanted = trace[f"w{iteration + 1}/{key}"]
            np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6)
