"""The process that helps a net that answers: when it starts, what it runs, how it ends."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mycaffe_py.engine import compile_ahead, compiled_there, helping
from mycaffe_py.engine.helping import Helping
from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.engine.stand_in_process import StandIn

TEXT = """
layer { name: "data" type: "Input" top: "data"
        input_param { shape { dim: 2 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "ip" type: "InnerProduct" bottom: "conv" top: "ip"
        inner_product_param { num_output: 5 } }
"""
WRITER = """
layer { name: "out" type: "HDF5Output" bottom: "ip" bottom: "data"
        hdf5_output_param { file_name: "written.h5" } }
"""


def graph_of(text: str) -> Graph:
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    net = NetText(parsed.message, parsed.locations, State(pb.TEST))
    return compile_net(net, passes=ALL_PASSES, backward=False)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[StandIn]:
    """The processes that were started; none is in truth."""
    found: list[StandIn] = []

    def start(graph: Graph) -> Any:
        found.append(StandIn())
        return found[-1]

    monkeypatch.setattr(compile_ahead, "start", start)
    monkeypatch.setattr(helping, "get_num_threads", lambda: 2)
    return found


def test_the_first_net_of_a_process_is_helped_once(started: list[StandIn]) -> None:
    found, graph = Helping(), graph_of(TEXT)
    found.on_start(None)
    assert not started  # no net yet
    found.watch(graph)
    for _ in range(2):
        found.on_start(None)
    assert len(started) == 1
    found.end()
    assert started[0].calls == ["kill", "wait"]


def test_one_thread_is_not_helped(started: list[StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have one core only. Nor is a net that is gone, or one of another thread."""
    found, graph = Helping(), graph_of(TEXT)
    found.watch(graph)
    with monkeypatch.context() as patch:
        patch.setattr(helping, "get_num_threads", lambda: 1)
        found.on_start(None)
    with monkeypatch.context() as patch:
        patch.setattr(helping, "get_ident", lambda: -1)
        found.on_start(None)
    del graph
    found.on_start(None)
    assert not started


def test_all_layers_run_on_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the last to the first, one that fails included, and its weights take no memory."""
    file = io.BytesIO()
    compile_ahead.write(graph_of(TEXT), None, file)
    file.seek(0)
    monkeypatch.setattr(helping.helping, "wanted", True)
    monkeypatch.setattr(compiled_there, "go_on_where_others_compile", lambda: None)
    net, more = compiled_there.read(file)
    assert more is None and not helping.helping.wanted
    assert all(not array.any() for array in net.values.values())
    run: list[int] = []

    def failing(net: Net, number: int) -> None:
        run.append(number)
        raise ValueError(number)

    monkeypatch.setattr(compiled_there, "_forward", failing)
    compiled_there.forward_from_the_end(net)
    assert run == list(reversed(range(len(net.steps))))


def test_nothing_is_written_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer that writes files, or runs code of the user, does not run a second time."""
    pytest.importorskip("h5py")
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO()
    compile_ahead.write(graph_of(TEXT + WRITER), None, file)
    file.seek(0)
    monkeypatch.setattr(helping.helping, "wanted", True)
    monkeypatch.setattr(compiled_there, "go_on_where_others_compile", lambda: None)
    net, _ = compiled_there.read(file)
    before = net.blob("ip").copy()
    compiled_there.forward_from_the_end(net)
    assert not list(tmp_path.iterdir())
    np.testing.assert_array_equal(net.blob("ip"), before)  # no weights: zeros


def test_a_net_that_fills_the_memory_is_not_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_ahead, "_MOST_VALUES", 100)
    assert compile_ahead.start(graph_of(TEXT)) is None


@pytest.mark.slow
def test_it_fills_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    process = compile_ahead.start(graph_of(TEXT))
    assert process is not None and process.wait() == 0
    assert list(tmp_path.rglob("*.nbc"))
