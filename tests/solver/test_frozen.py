"""A frozen trunk stays bit for bit as it was, costs nothing, and can be gone on with."""

from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.evaluate.timing.timing import time_net
from mycaffe_py.layers.base import Array
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import restore, save
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import NET, tiny_job

STILL = "param { lr_mult: 0 } param { lr_mult: 0 }"
TRUNK = NET.replace(
    'layer { name: "act"',
    'layer { name: "bn" type: "BatchNorm" bottom: "h" top: "h" '
    'batch_norm_param { use_global_stats: true } }\nlayer { name: "act"',
)
FROZEN = TRUNK.replace('bottom: "x" top: "h"', f'bottom: "x" top: "h" {STILL}')
CUT = TRUNK.replace('bottom: "h" top: "y"', 'bottom: "h" top: "y" propagate_down: false')
UNDECAYED = CUT.replace(
    'bottom: "x" top: "h"', 'bottom: "x" top: "h" param { decay_mult: 0 } param { decay_mult: 0 }'
)
TYPES = ("SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW")
_PAGEMAP = Path("/proc/self/pagemap")


def solver_of(folder: Path, net: str, kind: str = "SGD", extra: str = "") -> Solver:
    text = (
        f'net: "tiny.prototxt" base_lr: 0.02 lr_policy: "fixed" max_iter: 12 type: "{kind}" '
        f'weight_decay: 0.1 snapshot_prefix: "snapshots/tiny" {extra}'
    )
    if kind not in ("AdaGrad", "RMSProp"):
        text += " momentum: 0.9"
    return build_solver(tiny_job(folder, "", net, text), 1)


def steps(solver: Solver, until: int) -> Solver:
    while solver.iteration < until:
        solver.step()
    return solver


def trunk(net: Net) -> dict[str, bytes]:
    return {key: v.tobytes() for key, v in net.values.items() if not key.startswith("ip2")}


def test_weight_decay_goes_on_where_propagate_down_cuts_off(tmp_path: Path) -> None:
    """As in Caffe, where the gradient of such a weight is 0 and its lr_mult is not."""
    solver = solver_of(tmp_path, CUT)
    weight = solver.net.values["ip1[0]"]
    wanted, moved = weight.astype(np.float64), np.zeros(weight.shape)
    for _ in range(3):
        moved = 0.9 * moved + 0.02 * 0.1 * wanted
        wanted -= moved
    gradients: list[Array] = []
    solver.work.reduce = lambda: gradients.append(solver.net.gradients["ip1[0]"].copy())
    assert np.abs(steps(solver, 3).net.values["ip1[0]"] - wanted).max() < 1e-6
    assert len(gradients) == 3 and not np.any(gradients)


@pytest.mark.parametrize("net", [FROZEN, UNDECAYED], ids=["lr_mult", "propagate_down"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_frozen_trunk_does_not_change(tmp_path: Path, net: str, kind: str) -> None:
    """Neither by momentum nor by weight decay; the means of its BatchNorm are told to stay."""
    solver = solver_of(tmp_path, net, kind)
    solver.net.values["bn[0]"][...] = 0.5
    before, head = trunk(solver.net), solver.net.values["ip2[0]"].copy()
    steps(solver, 6)
    assert trunk(solver.net) == before
    assert not np.array_equal(solver.net.values["ip2[0]"], head)
    for info, blob in zip(solver.params.infos, solver.updater.history_blobs(), strict=False):
        assert blob.any() == (info.layer == "ip2")


def test_means_that_are_not_told_to_stay_move(tmp_path: Path) -> None:
    """Freezing the weights alone is not enough for BatchNorm, as in Caffe."""
    solver = solver_of(tmp_path, FROZEN.replace("use_global_stats: true", ""))
    before = solver.net.values["bn[0]"].copy()
    steps(solver, 1)
    assert not np.array_equal(solver.net.values["bn[0]"], before)


def test_nothing_of_the_trunk_runs_backward(tmp_path: Path) -> None:
    timing = time_net(solver_of(tmp_path, FROZEN).net, 2)
    ran = {layer.name for layer in timing.layers if layer.backward_ms is not None}
    assert ran == {"ip2", "loss"}
    assert all(layer.backward_flop == 0 for layer in timing.layers if layer.name not in ran)


def test_the_head_learns_as_if_the_trunk_were_still(tmp_path: Path) -> None:
    """Against a net that learns all, whose trunk is put back after every step."""
    solver, plain = solver_of(tmp_path, FROZEN), solver_of(tmp_path, TRUNK)
    still = {key: value.copy() for key, value in plain.net.values.items()}
    for _ in range(5):
        solver.step()
        plain.step()
        for key, value in still.items():
            if not key.startswith("ip2"):
                plain.net.values[key][...] = value
    for key in ("ip2[0]", "ip2[1]"):
        assert np.array_equal(solver.net.values[key], plain.net.values[key])


@pytest.mark.parametrize("net", [FROZEN, CUT], ids=["lr_mult", "propagate_down"])
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_a_resumed_run_ends_as_if_it_had_not_stopped(tmp_path: Path, net: str, kind: str) -> None:
    whole = save(steps(solver_of(tmp_path, net, kind), 12), tmp_path / "whole")
    part = save(steps(solver_of(tmp_path, net, kind), 5), tmp_path / "part")
    resumed = solver_of(tmp_path, net, kind)
    restore(resumed, part.state)
    end = save(steps(resumed, 12), tmp_path / "end")
    assert end.weights.read_bytes() == whole.weights.read_bytes()


def test_a_trunk_may_be_thawed_and_frozen_again(tmp_path: Path) -> None:
    """The history of what was frozen is kept, as in Caffe: 0 until it learns."""
    part = save(steps(solver_of(tmp_path, FROZEN), 4), tmp_path / "part")
    thawed = solver_of(tmp_path, TRUNK)
    restore(thawed, part.state)
    assert not thawed.updater.history_blobs()[0].any()
    before = trunk(thawed.net)
    steps(thawed, 6)
    assert trunk(thawed.net) != before
    again = solver_of(tmp_path, FROZEN)
    restore(again, save(thawed, tmp_path / "again").state)
    assert again.updater.history_blobs()[0].any()
    before = trunk(again.net)
    steps(again, 8)
    assert trunk(again.net) == before


def test_clipping_looks_at_what_learns(tmp_path: Path) -> None:
    solver = solver_of(tmp_path, FROZEN, extra="clip_gradients: 0.01")
    solver.net.gradients["ip1[0]"].fill(1e6)
    steps(solver, 1)
    assert solver.net.values["ip2[0]"].any()
    assert solver.updater.gradient_norm() < 100


def present(array: Array) -> float:
    """Share of the pages of `array` that the system has given memory."""
    first = -(-array.ctypes.data // mmap.PAGESIZE)
    last = (array.ctypes.data + array.nbytes) // mmap.PAGESIZE
    with _PAGEMAP.open("rb") as file:
        file.seek(8 * first)
        entries = np.frombuffer(file.read(8 * (last - first)), np.uint64)
    return float(((entries >> np.uint64(63)) & np.uint64(1)).mean())


def rooms_of_frozen(folder: Path) -> None:
    """Print which share of 48 MB of frozen weights has memory, and of their gradients and history;
    last that of the gradients where the same weights learn."""
    wide = FROZEN.replace("dim: 5", "dim: 3000").replace("num_output: 4", "num_output: 4000")
    solver = steps(solver_of(folder, wide, "Adam"), 2)
    weights = solver.net.values["ip1[0]"]
    assert weights.nbytes == 48_000_000
    first = solver.updater.history_blobs()[:: len(solver.params.infos)]
    rooms = [weights, solver.net.gradients["ip1[0]"], *first]
    shares = [present(room) for room in rooms]
    thawed = steps(solver_of(folder, wide.replace(STILL, ""), "Adam"), 2)
    print(*shares, present(thawed.net.gradients["ip1[0]"]))


@pytest.mark.slow
@pytest.mark.skipif(not _PAGEMAP.exists(), reason="only Linux tells which pages are there")
def test_a_frozen_trunk_takes_no_memory_for_gradients(tmp_path: Path) -> None:
    """Neither their gradients nor their history are ever touched.

    In a process of its own: what other tests have left behind may be given out again.
    """
    program = (
        "from pathlib import Path; from tests.solver.test_frozen import rooms_of_frozen; "
        f"rooms_of_frozen(Path({str(tmp_path)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    weights, *untouched, learned = map(float, done.stdout.split())
    assert weights == learned == 1 and len(untouched) == 3
    # Huge pages, where the system has them, reach over from neighbours that learn.
    assert max(untouched) < 0.3
