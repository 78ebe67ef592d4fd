"""Each hook on a tiny net: what it prints, writes and refuses."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.compiling import Compiling
from mycaffe_py.solver.hooks.display import Display, images_per_step, line
from mycaffe_py.solver.hooks.events import Events
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.hooks.interrupt import Interrupt
from mycaffe_py.solver.hooks.non_finite import NonFinite
from mycaffe_py.solver.hooks.snapshot import WriteSnapshots
from mycaffe_py.solver.hooks.test import MeasureTestNets, accuracy_blob
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import NET, tiny_job, tiny_solver

ACCURACY = """
layer { name: "cut" type: "Reduction" bottom: "x" top: "label" include { phase: TEST }
  reduction_param { axis: 1 coeff: 0 } }
layer { name: "score" type: "Accuracy" bottom: "y" bottom: "label" top: "score"
  include { phase: TEST } }
"""


class At(Hook):
    """Calls `action` after an iteration."""

    def __init__(self, iteration: int, action: object) -> None:
        self.iteration = iteration
        self.action = action

    def after_step(self, solver: Solver) -> None:
        if solver.iteration == self.iteration:
            self.action(solver)  # type: ignore[operator]


class Ears(Hook):
    """Remembers what was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def told(self, solver: Solver, event: Event) -> None:
        self.events.append(event)


def events_of(path: Path) -> list[tuple[str, int]]:
    rows = [json.loads(row) for row in path.read_text().splitlines()]
    return [(row["kind"], row["iteration"]) for row in rows]


def test_tests_are_due_before_steps_and_at_the_end(tmp_path: Path) -> None:
    ears = Ears()
    extra = "test_iter: 2 test_interval: 6 test_initialization: false"
    tiny_solver(tmp_path, extra, MeasureTestNets(), ears).solve()
    assert [event.iteration for event in ears.events] == [6, 12]
    assert ears.events[0].figures["batches"] == 2


def test_a_test_is_a_mean_over_batches_named_by_the_iteration(tmp_path: Path) -> None:
    ears = Ears()
    extra = "test_iter: 3 test_interval: 4 test_compute_loss: true"
    solver = tiny_solver(tmp_path, extra, MeasureTestNets(), ears)
    solver.text.base_lr = 0
    solver.solve()
    losses = [solver.test_nets[0].forward(batch) for batch in range(3, 6)]
    figures = ears.events[1].figures
    assert figures["outputs"]["loss"] == pytest.approx(np.mean(losses), rel=1e-6)
    assert figures["loss"] == pytest.approx(np.mean(losses), rel=1e-6)


def test_accuracy_is_the_output_of_an_accuracy_layer(tmp_path: Path) -> None:
    ears = Ears()
    job = tiny_job(tmp_path, "test_iter: 2 test_interval: 12", net=NET + ACCURACY)
    solver = build_solver(job, 1, [MeasureTestNets(), ears])
    assert accuracy_blob(solver.test_nets[0]) == "score"
    solver.solve()
    assert ears.events[-1].figures["accuracy"] == ears.events[-1].figures["outputs"]["score"]


def test_lines_are_in_caffes_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extra = "display: 6 test_iter: 1 test_interval: 12 test_initialization: false"
    tiny_solver(tmp_path, extra, MeasureTestNets(), Display()).solve()
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].startswith("Iteration 0, loss = ")
    assert lines[0].endswith(", lr = 0.02")
    assert lines[1].startswith("Iteration 6 (")
    assert " images/s), loss = " in lines[1]
    assert lines[2].startswith("Iteration 12, Testing net (#0): loss = ")
    assert lines[3].startswith("Iteration 12, loss = ")
    assert captured.err == ""


def test_images_are_counted(tmp_path: Path) -> None:
    assert images_per_step(tiny_solver(tmp_path, "iter_size: 3")) == 24


def test_long_outputs_are_cut() -> None:
    figures = {"loss": 1.0, "outputs": {"a": 1.0, "b": [1.0, 2.0, 3.0, 4.0, 5.0]}}
    assert line(Event("display", 3, figures)).endswith("[a = 1, b = (1, 2, 3, 4, ...)]")


def test_a_run_keeps_a_diary_and_a_resumed_one_goes_on_in_it(tmp_path: Path) -> None:
    path = tmp_path / "d" / "t.events.jsonl"
    extra = "display: 4 snapshot: 4 snapshot_after_train: false"
    hooks = [Display(), WriteSnapshots(tmp_path / "d" / "t"), Events(path)]
    tiny_solver(tmp_path, extra, *hooks).solve()
    whole = events_of(path)
    assert ("snapshot", 4) in whole
    assert ("display", 8) in whole
    with path.open("a") as file:
        file.write('{"kind": "disp')
    solver = tiny_solver(tmp_path, extra, Display(), Events(path))
    solver.iteration = 8
    solver.solve()
    assert events_of(path) == [event for event in whole if event != ("snapshot", 12)]


def test_numbers_that_json_lacks_are_null(tmp_path: Path) -> None:
    events = Events(tmp_path / "e.jsonl")
    events.told(tiny_solver(tmp_path), Event("test", 1, {"loss": float("nan")}))
    assert json.loads(events.path.read_text())["loss"] is None


@pytest.mark.parametrize("snapshots", [False, True])
def test_a_loss_that_is_no_number_stops_the_run_and_names_its_place(
    tmp_path: Path, snapshots: bool
) -> None:
    def spoil(solver: Solver) -> None:
        solver.params.values["ip2[0]"][...] = np.inf

    hooks: list[Hook] = [WriteSnapshots(tmp_path / "t")] if snapshots else []
    solver = tiny_solver(tmp_path, "snapshot: 2", *hooks, At(3, spoil), NonFinite())
    with pytest.raises(MyCaffeError) as error:
        solver.solve()
    text = str(error.value)
    assert "at iteration 3" in text
    assert "the first such value is in blob 'y' of layer 'ip2'" in text
    assert ("t_iter_2.solverstate" in text) == snapshots
    assert error.value.exit_code == 1


def test_branches_run_as_one_are_told_apart_when_no_number_comes_out(tmp_path: Path) -> None:
    def branch(bottom: str, top: str) -> str:
        return (
            f'layer {{ name: "{top}" type: "InnerProduct" bottom: "{bottom}" top: "{top}" '
            'param { name: "w" } inner_product_param { num_output: 3 bias_term: false '
            'weight_filler { type: "xavier" } } }\n'
        )

    head, tail = NET.split('layer { name: "ip1"')[0], NET[NET.index('layer { name: "loss"') :]
    head = head.replace("dim: 8 dim: 3", "dim: 8 dim: 5")
    net = (
        head
        + branch("x", "a")
        + branch("t", "b")
        + tail.replace('"y"', '"a"').replace('bottom: "t"', 'bottom: "b"')
    )

    def spoil(solver: Solver) -> None:
        solver.params.values["a[0]"][...] = np.inf

    solver = build_solver(tiny_job(tmp_path, net=net), 1, [At(3, spoil), NonFinite()])
    assert solver.net.graph.rows
    with pytest.raises(MyCaffeError, match="is in blob 'a' of layer 'a'"):
        solver.solve()


def test_ctrl_c_finishes_the_iteration_and_writes_a_snapshot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(solver: Solver) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    hooks = [Interrupt(), At(5, interrupt), WriteSnapshots(tmp_path / "t")]
    solver = tiny_solver(tmp_path, "", *hooks)
    solver.solve()
    assert solver.stopping
    state = tmp_path / "t_iter_5.solverstate"
    assert state.exists()
    assert f"mycaffe resume {state}" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    def interrupt(solver: Solver) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        tiny_solver(tmp_path, "", Interrupt(), At(5, interrupt)).solve()


def test_ctrl_break_of_windows_ends_a_run_as_ctrl_c_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What stops a process there that was started in a group of its own, as the studio's are.
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    send = At(5, lambda solver: signal.raise_signal(signal.SIGUSR1))
    before = signal.getsignal(signal.SIGUSR1)
    solver = tiny_solver(tmp_path, "", Interrupt(), send)
    solver.solve()
    assert solver.stopping and solver.iteration < 12
    assert signal.getsignal(signal.SIGUSR1) == before


def test_an_interrupted_test_is_not_told(tmp_path: Path) -> None:
    class Stops(Hook):
        def before_step(self, solver: Solver) -> None:
            solver.stopping = True

    ears = Ears()
    solver = tiny_solver(
        tmp_path, "test_iter: 9 test_interval: 1", Stops(), MeasureTestNets(), ears
    )
    solver.solve()
    assert ears.events == []
    assert solver.iteration == 0


def test_the_card_knows_the_test_of_its_weights(tmp_path: Path) -> None:
    extra = "snapshot: 4 test_iter: 1 test_interval: 4 snapshot_after_train: false"
    tiny_solver(tmp_path, extra, MeasureTestNets(), WriteSnapshots(tmp_path / "t")).solve()
    for iteration in (4, 8, 12):
        card = RunCard.read(SnapshotFiles.of(tmp_path / "t", iteration).card)
        assert [test["iteration"] for test in card.figures["tests"]] == [iteration]


def test_snapshots_that_cannot_be_written_are_known_at_the_start(tmp_path: Path) -> None:
    """A file where the folder should be: permissions do not stop root, this does."""
    (tmp_path / "taken").write_text("")
    hook = WriteSnapshots(tmp_path / "taken" / "t")
    with pytest.raises(UserError) as error:
        tiny_solver(tmp_path, "", hook).solve()
    assert str(error.value).startswith(str(tmp_path / "tiny.solver") + ":")
    assert f"snapshots cannot be written to '{tmp_path / 'taken'}'" in str(error.value)


def test_a_failed_snapshot_says_what_to_go_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(solver: Solver) -> None:
        def no_room(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", no_room)

    solver = tiny_solver(tmp_path, "snapshot: 4", At(5, full), WriteSnapshots(tmp_path / "t"))
    with pytest.raises(MyCaffeError) as error:
        solver.solve()
    assert "t_iter_8.caffemodel" in str(error.value)
    assert "No space left on device" in str(error.value)
    assert f"mycaffe resume {tmp_path / 't_iter_4.solverstate'}" in str(error.value)
    assert not (tmp_path / "t_iter_8.solverstate").exists()


def test_compiling_is_noted_once_and_over_after_the_first_iteration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numba

    from mycaffe_py.engine.compilation import _compilation

    def compile_some(solver: Solver) -> None:
        """Whether the net's own are compiled hangs on what has run before."""
        for _ in range(2):
            numba.njit(lambda x: x - 1)(1)

    ears, counted = Ears(), []
    monkeypatch.setattr(_compilation, "finish", lambda: counted.append(_compilation.kernels))
    hooks = [At(1, compile_some), At(2, compile_some), Compiling(), ears]
    tiny_solver(tmp_path, "", *hooks).solve()
    assert [event.kind for event in ears.events].count("compiling") == 1
    assert len(counted) == 1 and counted[0] >= 2


def test_overflows_are_left_to_the_hook(tmp_path: Path) -> None:
    """No warning of numpy's comes before the error, and numpy warns again afterwards."""

    def spoil(solver: Solver) -> None:
        solver.params.values["ip2[0]"][...] = 1e30

    before = np.geterr()
    with pytest.raises(MyCaffeError, match="the loss became inf"):
        tiny_solver(tmp_path, "", NonFinite(), At(2, spoil)).solve()
    assert np.geterr() == before


@pytest.mark.parametrize(
    ("number", "effects", "stops", "snapshots"),
    [
        (signal.SIGHUP, {}, False, [5, 12]),
        (signal.SIGHUP, {"sighup": "stop"}, True, [4]),
        (signal.SIGHUP, {"sighup": "none"}, False, [12]),
        (signal.SIGINT, {"sigint": "snapshot"}, False, [5, 12]),
        (signal.SIGINT, {"sigint": "none"}, False, [12]),
    ],
)
def test_signals_have_the_effects_asked_for(
    tmp_path: Path, number: signal.Signals, effects: dict[str, str], stops: bool, snapshots: list
) -> None:
    """Sent behind iteration 4, after the hook that writes snapshots had its turn."""
    ears = Ears()
    send = At(4, lambda solver: os.kill(os.getpid(), number))
    hooks = [Interrupt(**effects), WriteSnapshots(tmp_path / "s"), send, ears]
    solver = tiny_solver(tmp_path, "", *hooks)
    solver.solve()
    assert solver.stopping == stops
    found = [event.iteration for event in ears.events]
    assert found == snapshots
