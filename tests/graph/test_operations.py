import math

import pytest

from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.operations import Arithmetic, arithmetic, arithmetic_done
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

NET = """
layer { name: "x" type: "DummyData" top: "x"
  dummy_data_param { shape { dim: 4 dim: 2 dim: 8 dim: 8 } data_filler { type: "gaussian" } } }
layer { name: "conv" type: "Convolution" bottom: "x" top: "c"
  convolution_param { num_output: 6 kernel_size: 3 GROUP weight_filler { type: "xavier" } } }
layer { name: "pool" type: "Pooling" bottom: "c" top: "p"
  pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "up" type: "Deconvolution" bottom: "p" top: "u"
  convolution_param { num_output: 5 kernel_size: 2 weight_filler { type: "xavier" } } }
layer { name: "ip" type: "InnerProduct" bottom: "u" top: "y"
  inner_product_param { num_output: 7 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "Reduction" bottom: "y" top: "loss" loss_weight: 1 }
"""
FIRST = 'layer { name: "conv"'
BEFORE = """layer { name: "pre" type: "Convolution" bottom: "x" top: "q"
  convolution_param { num_output: 4 kernel_size: 1 weight_filler { type: "xavier" } } }
"""
# Places a weight is used at, times weights: 6 x 6 results, 3 x 3 inputs, 4 rows.
CONV = 4 * 6 * 6 * (6 * 2 * 3 * 3)
UP = 4 * 3 * 3 * (6 * 5 * 2 * 2)
IP = 4 * (7 * 5 * 4 * 4)


def _counted(group: str = "", passes: tuple[str, ...] = ()) -> dict[str, Arithmetic]:
    parsed = read_text(NET.replace("GROUP", group), pb.NetParameter, "net")
    graph = compile_net(NetText(parsed.message, parsed.locations, State(pb.TRAIN)), passes=passes)
    return {node.name: arithmetic(node) for node in graph.nodes}


def test_products_and_sums_of_plain_layers() -> None:
    counted = _counted()
    # No gradient of the pictures: nothing learns below them.
    assert counted["conv"] == Arithmetic(2 * CONV, 2 * CONV)
    assert counted["up"] == Arithmetic(2 * UP, 4 * UP)
    assert counted["ip"] == Arithmetic(2 * IP, 4 * IP)
    assert counted["x"] == counted["pool"] == counted["loss"] == Arithmetic()


def test_groups_see_a_part_of_the_channels() -> None:
    assert _counted("group: 2")["conv"].forward == CONV


@pytest.mark.parametrize("passes", [(), ALL_PASSES])
def test_fusing_changes_no_count(passes) -> None:
    counted = _counted(passes=passes).values()
    assert sum(c.forward for c in counted) == 2 * (CONV + UP + IP)
    assert math.fsum(c.backward for c in counted) == 2 * CONV + 4 * (UP + IP)


def test_a_fused_convolution_does_fewer_products_than_it_is_counted_for() -> None:
    """Winograd: 16 of 36 products for 3 x 3; one place of four in each window of the pool."""
    net = NET.replace("pooling_param {", "pooling_param { pool: MAX").replace("GROUP", "")
    net = net.replace('bottom: "x" top: "c"', 'bottom: "q" top: "c"').replace(FIRST, BEFORE + FIRST)
    parsed = read_text(net, pb.NetParameter, "net")
    text_read = NetText(parsed.message, parsed.locations, State(pb.TRAIN))
    graph = compile_net(text_read, passes=ALL_PASSES)
    (fused,) = (node for node in graph.nodes if node.layer.type == "Convolution+Pooling")
    once = 2 * 4 * 6 * 6 * (6 * 4 * 3 * 3)
    assert arithmetic(fused) == Arithmetic(once, 2 * once)
    assert arithmetic_done(fused) == Arithmetic(once * 16 // 36, once // 4 + once * 16 // 36)
    plain = next(node for node in graph.nodes if node.name == "pre")
    assert arithmetic_done(plain) == arithmetic(plain)
