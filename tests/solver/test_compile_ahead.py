"""The process that compiles for a training: what it is given, what it leaves, how it ends."""

from __future__ import annotations

import io
import pickle
import subprocess
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import numba
import pytest

from mycaffe_py.engine import compile_ahead as ahead
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.solver import compile_ahead
from mycaffe_py.solver.hooks.compiling import Compiling
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import read_job
from tests.engine.stand_in_process import StandIn
from tests.solver.tiny import tiny_job, tiny_solver


def graph_of(text: NetText) -> Graph:
    """The net as a run compiles it."""
    return compile_net(text, passes=ALL_PASSES)


@pytest.mark.slow
def test_another_process_fills_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With kernels of the update, of backward and of forward."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    job = tiny_job(tmp_path)
    graph = graph_of(job.train)
    process = compile_ahead.start(graph, job.solver)
    assert process is not None
    assert process.wait() == 0
    compiled = {path.name.partition("-")[0] for path in tmp_path.rglob("*.nbc")}
    assert {"updates.sgd", "activations.tanh_backward", "inner_product.add_bias"} <= compiled


@pytest.mark.parametrize("name", ["siamese_28x28", "lenet"])
def test_the_data_stay_at_home(name: str, digits_only: None) -> None:
    """All of a net but what its data layers hold: thousands of images."""
    graph = graph_of(read_job(name).train)
    file = io.BytesIO()
    ahead.write(graph, pb.SolverParameter(), file)
    assert file.tell() < 50_000
    file.seek(0)
    found, _ = pickle.load(file)
    assert [node.name for node in found.nodes] == [node.name for node in graph.nodes]
    assert found.blobs == graph.blobs
    for before, after in zip(graph.nodes, found.nodes, strict=True):
        assert after.context.param == before.context.param
        runs = before.bottoms and before.layer.has_backward
        assert after.plan.facts == (before.plan.facts if runs else None)


@pytest.mark.parametrize("facts", [lambda: None, Lock()], ids=["function", "lock"])
def test_facts_that_cannot_travel_are_no_error(tmp_path: Path, facts: Any) -> None:
    """The run compiles everything itself."""
    job = tiny_job(tmp_path)
    graph = graph_of(job.train)
    *nodes, last = graph.nodes
    last = replace(last, plan=replace(last.plan, facts=facts))
    graph = replace(graph, nodes=(*nodes, last))
    with pytest.raises(pickle.PicklingError):
        ahead.write(graph, job.solver, io.BytesIO())
    assert compile_ahead.start(graph, job.solver) is None


class _Compile(Hook):
    """Has numba compile two functions before the first step."""

    def before_step(self, solver: Solver) -> None:
        if solver.iteration == 0:
            for _ in range(2):
                numba.njit(lambda x: x + 1)(1)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_has_one_helper_if_it_has_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """It is started once, by the first compilation, and does not outlive the run."""
    started: list[StandIn] = []

    def start(graph: Graph, solver: pb.SolverParameter) -> Any:
        started.append(StandIn())
        return started[-1]

    monkeypatch.setattr(compile_ahead, "start", start)
    monkeypatch.setattr(numba, "get_num_threads", lambda: threads)
    tiny_solver(tmp_path, "", Compiling(), _Compile()).solve()
    assert [process.calls for process in started] == [["kill", "wait"]] * (threads - 1)


def test_a_machine_without_processes_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*args: Any, **options: Any) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", none_left)
    job = tiny_job(tmp_path)
    graph = graph_of(job.train)
    assert compile_ahead.start(graph, job.solver) is None
