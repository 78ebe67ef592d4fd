"""debug_info: Caffe's line for every array, in the order of the walk."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.layers.base import Array
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.debug_info import norms
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import NET, tiny_job, tiny_solver

NAMED = NET.replace('name: "ip2"', 'name: "ip2" param { name: "shown" }')


class Lines(Hook):
    """The lines, and the gradients of the last iteration before its update."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.gradients: dict[str, Array] = {}

    def told(self, solver: Solver, event: Event) -> None:
        if event.kind == "debug":
            self.lines.append(event.figures["line"])

    def after_gradients(self, solver: Solver) -> None:
        self.gradients = {key: value.copy() for key, value in solver.net.gradients.items()}


def stepped(folder: Path, extra: str = "", net: str = NAMED) -> tuple[Solver, Lines]:
    lines = Lines()
    solver = build_solver(tiny_job(folder, "debug_info: true " + extra, net=net), 1, [lines])
    solver.step()
    return solver, lines


def spoken(folder: Path, extra: str = "", net: str = NAMED) -> tuple[Solver, list[str]]:
    solver, lines = stepped(folder, extra, net)
    return solver, lines.lines


def test_the_lines_are_caffes(tmp_path: Path) -> None:
    _, lines = spoken(tmp_path)
    assert [re.sub(r"(?<=[ (])[0-9.e+-]+(?=$|[,)])", "V", line) for line in lines] == [
        "    [Forward] Layer x, top blob x data: V",
        "    [Forward] Layer t, top blob t data: V",
        "    [Forward] Layer ip1, top blob h data: V",
        "    [Forward] Layer ip1, param blob 0 data: V",
        "    [Forward] Layer ip1, param blob 1 data: V",
        "    [Forward] Layer act, top blob h data: V",
        "    [Forward] Layer ip2, top blob y data: V",
        "    [Forward] Layer ip2, param blob shown data: V",
        "    [Forward] Layer ip2, param blob 1 data: V",
        "    [Forward] Layer loss, top blob loss data: V",
        "    [Backward] Layer loss, bottom blob y diff: V",
        "    [Backward] Layer ip2, bottom blob h diff: V",
        "    [Backward] Layer ip2, param blob 0 diff: V",
        "    [Backward] Layer ip2, param blob 1 diff: V",
        "    [Backward] Layer act, bottom blob h diff: V",
        "    [Backward] Layer ip1, param blob 0 diff: V",
        "    [Backward] Layer ip1, param blob 1 diff: V",
        "    [Backward] All net params (data, diff): L1 norm = (V, V); L2 norm = (V, V)",
    ]


def test_the_values_are_mean_absolutes_in_float64(tmp_path: Path) -> None:
    solver, told = stepped(tmp_path)
    lines = told.lines
    for name in ("x", "y", "loss"):
        blob = solver.net.blob(name).astype(np.float64)
        wanted = f"{np.mean(np.abs(blob)):g}"
        line = next(row for row in lines if f"top blob {name} data" in row)
        assert line.rpartition(" ")[2] == wanted
    diff = told.gradients["ip1[0]"].astype(np.float64)
    line = next(row for row in lines if "Layer ip1, param blob 0 diff" in row)
    assert float(line.rpartition(" ")[2]) == pytest.approx(np.mean(np.abs(diff)), rel=1e-5)


def test_values_in_place_are_told_before_and_after(tmp_path: Path) -> None:
    _, lines = spoken(tmp_path)
    before, after = (float(row.rpartition(" ")[2]) for row in lines if "top blob h data" in row)
    assert after < before


def test_norms_of_all_parameters(tmp_path: Path) -> None:
    solver = tiny_solver(tmp_path)
    flat = np.concatenate([v.ravel() for v in solver.params.values.values()]).astype(np.float64)
    solver.params.diff.fill(0)
    wanted = f"L1 norm = ({np.abs(flat).sum():g}, 0); L2 norm = ({np.sqrt((flat**2).sum()):g}, 0)"
    assert norms(solver.params).endswith(wanted)


def test_every_pass_of_iter_size_is_told(tmp_path: Path) -> None:
    _, lines = spoken(tmp_path, "iter_size: 3")
    assert sum("All net params" in line for line in lines) == 3


def test_what_is_learned_is_the_same(tmp_path: Path) -> None:
    """Passes may change the order of sums, no more."""
    loud, quiet = spoken(tmp_path)[0], tiny_solver(tmp_path)
    quiet.step()
    np.testing.assert_allclose(loud.params.data, quiet.params.data, rtol=1e-5, atol=1e-7)


def test_without_debug_info_nothing_is_told(tmp_path: Path) -> None:
    lines = Lines()
    tiny_solver(tmp_path, "", lines).step()
    assert lines.lines == []
