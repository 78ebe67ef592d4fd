"""Blobs in blocks of channels: the same values as without, and when blobs do not lie so."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import fix_weights, weights_stay
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.passes.memory import value_key
from mycaffe_py.graph.replan import replan
from mycaffe_py.kernels.native_calls import NativeCalls
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import graph_of
from tests.kernels.blocked import on_each_thread_count

CHANNELS = 21
INPUT = (
    'layer { name: "x" type: "Input" top: "x" '
    "input_param { shape { dim: 2 dim: 3 dim: 13 dim: 10 } } }\n"
)


def layer(name: str, kind: str, bottoms: str, tops: str, options: str = "") -> str:
    ports = " ".join(f'bottom: "{bottom}"' for bottom in bottoms.split())
    ports += " " + " ".join(f'top: "{top}"' for top in tops.split())
    return f'layer {{ name: "{name}" type: "{kind}" {ports} {options} }}\n'


def convolution(name: str, bottom: str, outputs: int = 32, more: str = "kernel_size: 1") -> str:
    fillers = 'weight_filler { type: "xavier" } bias_filler { type: "uniform" min: -1 }'
    options = f"convolution_param {{ num_output: {outputs} {more} {fillers} }}"
    return layer(name, "Convolution", bottom, name, options)


THREE = "kernel_size: 3 pad: 1"
START = convolution("a", "x", CHANNELS, THREE) + convolution("b", "a", 32, THREE)
END = convolution("last", "b", 4)
POOL = "pooling_param { pool: AVE kernel_size: 3 stride: 2 }"
NETS = {
    "chain": START + END,
    "rectified apart": START + layer("r", "ReLU", "b", "r") + convolution("last", "r", 4),
    "joined": START
    + convolution("c", "b", 16)
    + convolution("d", "b", 48, THREE)
    + layer("both", "Concat", "c d", "both")
    + layer("drop", "Dropout", "both", "both")
    + layer("p", "Pooling", "both", "p", POOL)
    + convolution("last", "p", 4),
    "joined again": START
    + convolution("c", "b", 16)
    + layer("both", "Concat", "c b", "both")
    + layer("all", "Concat", "both c", "all")
    + convolution("last", "all", 4),
    "joined unevenly": START
    + convolution("c", "b", 10)
    + layer("both", "Concat", "c b", "both")
    + convolution("last", "both", 4),
    "residual": START
    + convolution("c", "b", 32, THREE)
    + layer("sum", "Eltwise", "c b", "sum")
    + layer("r", "ReLU", "sum", "sum")
    + convolution("last", "sum", 4),
    "residual of what lies plain": START
    + layer("t", "TanH", "b", "t")
    + convolution("c", "b", 32, THREE)
    + layer("sum", "Eltwise", "c t", "sum")
    + convolution("last", "sum", 4),
    "plain in between": START
    + layer("t", "TanH", "b", "t")
    + convolution("c", "t", 32)
    + layer("flat", "Flatten", "c", "flat"),
    "plain in place": START + layer("t", "TanH", "b", "b") + END,
    "depthwise": START
    + convolution("c", "b", 32, "kernel_size: 3 stride: 2 group: 32")
    + layer("r", "ReLU", "c", "c")
    + convolution("last", "c", 4),
    "groups": START + convolution("c", "b", 64, THREE + " group: 2") + convolution("last", "c", 4),
    "uneven groups": START + convolution("c", "b", 8, "kernel_size: 1 group: 4"),
    "normalised": START
    + layer("n", "LRN", "b", "n", "lrn_param { local_size: 5 alpha: 0.3 beta: 0.75 k: 2 }")
    + layer("m", "LRN", "n", "m", "lrn_param { local_size: 3 alpha: 0.3 beta: 0.6 }")
    + convolution("last", "m", 4),
    "pooled and read": START
    + layer("p", "Pooling", "b", "p", "pooling_param { global_pooling: true }")
    + layer("q", "Pooling", "b", "q", "pooling_param { kernel_size: 2 stride: 2 }")
    + convolution("last", "q", 4),
}
# Convolutions in blocks; the last blob of a net is an output, which lies as Caffe has it.
IN_BLOCKS = {
    "chain": 2, "rectified apart": 2, "joined": 4, "joined again": 3, "joined unevenly": 3,
    "residual": 3, "residual of what lies plain": 2, "plain in between": 3, "plain in place": 0,
    "depthwise": 3, "groups": 3, "uneven groups": 2, "normalised": 2, "pooled and read": 2,
}  # fmt: skip


def made(name: str) -> tuple[Net, Net]:
    """The net without passes and with all of them, on the same weights and pictures."""
    nets: list[Net] = []
    for passes in ((), ALL_PASSES):
        graph = graph_of(INPUT + NETS[name], pb.TEST, passes=passes, backward=False)
        nets.append(Net(graph, seed=1, share=nets[0].params if nets else None))
        x = nets[-1].blob("x")
        x[...] = np.random.default_rng(2).normal(size=x.shape)
        nets[-1].forward()
    return nets[0], nets[1]


@pytest.mark.parametrize("name", NETS)
def test_all_blobs_are_as_without_passes(name: str) -> None:
    plain, fast = made(name)
    names = [node.name for node in fast.graph.nodes if "in blocks" in node.layer.type]
    count = sum("Convolution in blocks" in node.layer.type for node in fast.graph.nodes)
    assert count == IN_BLOCKS[name], names
    for blob in plain.graph.blobs:
        np.testing.assert_allclose(
            fast.blob(blob), plain.blob(blob), rtol=1e-4, atol=1e-5, err_msg=blob
        )


@pytest.mark.parametrize("name", ["joined", "residual", "depthwise", "normalised"])
def test_two_threads_write_the_same_bits(name: str) -> None:
    _, fast = made(name)

    def call() -> np.ndarray:
        fast.forward()
        return fast.blob("last").copy()

    one, *more = on_each_thread_count(call)
    for other in more:
        np.testing.assert_array_equal(other, one)


def test_weights_that_change_are_used_in_the_next_forward() -> None:
    plain, fast = made("residual")
    for array in plain.values.values():
        array *= 0.5
    plain.forward()
    fast.forward()
    np.testing.assert_allclose(fast.blob("last"), plain.blob("last"), rtol=1e-4, atol=1e-5)
    with weights_stay(fast):
        fast.forward()
    for array in plain.values.values():
        array *= 3
    with weights_stay(fast):
        fast.forward()
    plain.forward()
    np.testing.assert_allclose(fast.blob("last"), plain.blob("last"), rtol=1e-4, atol=1e-5)


def test_fixed_weights_are_packed_once_and_refuse_to_be_written() -> None:
    plain, fast = made("chain")
    fix_weights(fast)
    fast.forward()
    before = fast.blob("b")
    # Behind the net's back: what was packed is not made again.
    for array in plain.values.values():
        array *= 2
    fast.forward()
    np.testing.assert_array_equal(fast.blob("b"), before)
    key = next(iter(fast.values))
    with pytest.raises(ValueError, match="read-only"):
        fast.parameter(key)[...] = 0


def test_what_lies_in_blocks_is_one_call() -> None:
    _, fast = made("joined")
    program = fast._programs.of(range(len(fast.steps)))
    assert program is not None
    # On several threads, work that is too small for them is wrapped.
    parts = [getattr(part, "part", part) for part in program._parts]
    found = [len(part.calls) for part in parts if isinstance(part, NativeCalls)]
    assert found[0] == 5  # four convolutions and the pooling


def test_what_runs_backward_stays_as_it_is() -> None:
    loss = layer("loss", "EuclideanLoss", "last y", "loss")
    label = (
        'layer { name: "y" type: "Input" top: "y" '
        "input_param { shape { dim: 2 dim: 4 dim: 13 dim: 10 } } }\n"
    )
    graph = graph_of(INPUT + label + NETS["chain"] + loss, passes=ALL_PASSES)
    assert not graph.channels
    assert "blocks: no chain of convolutions for them" in graph.notes


def test_the_notes_tell_what_is_copied_back() -> None:
    graph: Graph = graph_of(
        INPUT + NETS["plain in between"], pb.TEST, passes=["blocks"], backward=False
    )
    assert graph.notes[-1] == (
        "blocks: 3 convolutions make blobs in blocks of channels; copied as Caffe has them: b, c"
    )


def test_blobs_in_blocks_keep_their_shape() -> None:
    graph = graph_of(INPUT + NETS["chain"], pb.TEST, passes=["blocks"], backward=False)
    with pytest.raises(UserError, match="compiled with optimising passes"):
        replan(graph, {"x": (3, 3, 13, 10)})


def test_blobs_whose_memory_others_took_are_made_again() -> None:
    plain, fast = made("residual")
    assert any(key.startswith("values") for key in fast.graph.lifetimes)
    # In any order, and without harm to what else is asked for.
    for blob in ("sum", "a", "c", "b", "a", "last"):
        np.testing.assert_allclose(
            fast.blob(blob), plain.blob(blob), rtol=1e-4, atol=1e-5, err_msg=blob
        )


def test_what_is_copied_back_keeps_its_memory() -> None:
    graph = graph_of(INPUT + NETS["plain in between"], pb.TEST, passes=ALL_PASSES, backward=False)
    assert value_key("a") in graph.lifetimes
    assert value_key("b") not in graph.lifetimes
