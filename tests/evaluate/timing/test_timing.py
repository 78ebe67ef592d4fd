from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.evaluate.timing.timing import WARM_UP, memory_of, time_net
from mycaffe_py.evaluate.timing.timing_table import layer_table, memory_line, totals
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.solver.build import build_solver
from tests.solver.tiny import SOLVER, tiny_job


@pytest.fixture
def net(tmp_path):
    text = tiny_job(tmp_path).train
    return Net(compile_net(text, passes=ALL_PASSES))


def test_a_step_is_what_a_solver_does(tmp_path: Path) -> None:
    job = tiny_job(tmp_path, solver=SOLVER.replace("multistep", "fixed"))
    solver, other = build_solver(job, 1), build_solver(job, 1)
    timing = time_net(
        solver.net, 2, update=lambda number: solver.updater.apply(solver.text.base_lr, number)
    )
    for _ in range(WARM_UP + 2 * 2):
        other.step()
    np.testing.assert_array_equal(solver.params.data, other.params.data)
    assert timing.update_ms is not None
    assert timing.update_ms > 0


def test_each_layer_has_its_times(net) -> None:
    timing = time_net(net, 3)
    assert [layer.name for layer in timing.layers] == [node.name for node in net.graph.nodes]
    backward = [layer.backward_ms is not None for layer in timing.layers]
    assert backward == [node.backward for node in net.graph.nodes]
    assert timing.update_ms is None
    assert timing.data_ms == 0
    assert timing.forward_ms >= max(layer.forward_ms for layer in timing.layers) > 0
    assert timing.flop == 2 * 8 * (5 * 4 + 4 * 3) * 2 + 2 * 8 * 4 * 3


def test_forward_alone(net) -> None:
    net.params.diff.fill(7)
    timing = time_net(net, 1, backward=False)
    assert timing.backward_ms is None
    assert timing.flop == 2 * 8 * (5 * 4 + 4 * 3)
    assert (net.params.diff == 7).all()


def test_memory_that_is_shown_twice_counts_once(net) -> None:
    memory = memory_of(net)
    # x, t, h (tanh in place), y, the loss, and what the loss keeps of y - t in its scratch.
    assert memory.blobs == 4 * (8 * 5 + 8 * 3 + 8 * 4 + 8 * 3 + 1)
    weights = [4 * 5, 4, 3 * 4, 3]
    assert memory.parameters == 2 * 4 * sum(weights)
    parts = memory.blobs + memory.gradients + memory.scratch + memory.parameters
    assert 0 < memory.total <= parts


def test_the_table_is_aligned_and_adds_up(net) -> None:
    timing = time_net(net, 1)
    head, *lines = layer_table(timing, 100.0)
    assert len(lines) == len(timing.layers)
    assert {line[: head.index("type")].strip() for line in lines} == {x.name for x in timing.layers}
    assert {len(line) for line in lines} == {len(head)}
    assert [line.split("  ")[0] for line in totals(timing, 100.0)] == [
        "data", "forward", "backward", "whole step",
    ]  # fmt: skip
    assert memory_line(timing.memory).endswith(f"{timing.memory.parameters / 2**20:.2f}")
