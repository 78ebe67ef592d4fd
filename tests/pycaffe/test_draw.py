"""The graph of a net; drawn too where Graphviz is."""

import shutil
import sys
from pathlib import Path

import pydot
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.pycaffe import draw

NET = """
name: "Small"
layer { name: "in" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  data_param { batch_size: 64 } }
layer { name: "in" type: "Data" top: "data" top: "label" include { phase: TEST }
  data_param { batch_size: 10 } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  param { lr_mult: 1 } param { lr_mult: 2 }
  convolution_param { num_output: 20 kernel_size: 5 stride: 2 pad: 1 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool"
  pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "pool" top: "ip:1"
  inner_product_param { num_output: 10 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip:1" bottom: "label" top: "loss"
  exclude { phase: TEST } }
"""


@pytest.fixture
def net():
    return read_text(NET, pb.NetParameter, "small.prototxt").message


def names(graph):
    return {node.get_name().strip('"') for node in graph.get_nodes()}


def test_nodes_and_edges(net) -> None:
    graph = draw.get_pydot_graph(net, "LR", phase=pb.TRAIN)
    assert isinstance(graph, pydot.Dot)
    layers = {"in_Data", "conv_Convolution", "relu_ReLU", "pool_Pooling", "ip_InnerProduct"}
    blobs = {"data_blob", "label_blob", "conv_blob", "pool_blob", "ip:1_blob", "loss_blob"}
    assert names(graph) == layers | blobs | {"loss_SoftmaxWithLoss"}
    edges = {
        (edge.get_source().strip('"'), edge.get_destination().strip('"'), edge.get_label())
        for edge in graph.get_edges()
    }
    assert ("in_Data", "data_blob", '"Batch 64"') in edges
    assert ("conv_Convolution", "conv_blob", '"20"') in edges
    assert ("conv_blob", "relu_ReLU", '""') in edges
    assert ("ip_InnerProduct", "ip:1_blob", '"10"') in edges
    assert len(edges) == 13


def test_phases_and_labels_can_be_left_out(net) -> None:
    graph = draw.get_pydot_graph(net, "LR", label_edges=False, phase=pb.TEST)
    assert "loss_SoftmaxWithLoss" not in names(graph)
    assert {edge.get_label() for edge in graph.get_edges()} == {'""'}
    assert "loss_SoftmaxWithLoss" in names(draw.get_pydot_graph(net, "LR"))


def test_colours_say_what_a_layer_is(net) -> None:
    graph = draw.get_pydot_graph(net, "LR")
    fill = {node.get_name().strip('"'): node.get_fillcolor() for node in graph.get_nodes()}
    assert fill["conv_Convolution"] == draw.choose_color_by_layertype("Deconvolution")
    assert fill["relu_ReLU"] == draw.NEURON_LAYER_STYLE["fillcolor"]
    assert fill["loss_SoftmaxWithLoss"] == draw.LAYER_STYLE_DEFAULT["fillcolor"]
    assert len({fill[n] for n in ("conv_Convolution", "pool_Pooling", "ip_InnerProduct")}) == 3


def test_labels_of_layers(net) -> None:
    conv, pool = net.layer[2], net.layer[4]
    window = r"kernel size: 5\nstride: 2\npad: 1"
    assert draw.get_layer_label(conv, "LR") == rf'"conv\n(Convolution)\n{window}"'
    assert draw.get_layer_label(conv, "TB", display_lrm=True).endswith('pad: 1 lr mult: 1.0, 2.0"')
    assert draw.get_layer_label(pool, "BT").startswith('"pool (Pooling AVE) kernel size: 3 ')
    assert draw.get_pooling_types_dict()[1] == "AVE"


def test_rates(net) -> None:
    assert draw.get_layer_lr_mult(net.layer[2]) == (1, 2)
    assert draw.get_layer_lr_mult(net.layer[5]) == (1, 1)
    with pytest.raises(ValueError, match="Pooling"):
        draw.get_layer_lr_mult(net.layer[4])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydot's own parser
def test_the_text_needs_no_graphviz_and_reads_back(net, tmp_path: Path) -> None:
    draw.draw_net_to_file(net, str(tmp_path / "net.gv"), "TB", pb.TRAIN)
    (back,) = pydot.graph_from_dot_file(str(tmp_path / "net.gv"))
    assert names(back) - {"\\n"} == names(draw.get_pydot_graph(net, "TB", phase=pb.TRAIN))
    assert back.get_rankdir() == "TB"


def test_a_picture(net, tmp_path: Path) -> None:
    if shutil.which("dot"):
        draw.draw_net_to_file(net, str(tmp_path / "net.png"))
        assert (tmp_path / "net.png").read_bytes().startswith(b"\x89PNG")
    else:
        with pytest.raises(UserError, match=r"'dot' of Graphviz.*was not found"):
            draw.draw_net(net, "LR", "png")


def test_without_pydot_one_line_says_what_to_install(net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(UserError, match=r"drawing a net needs.*pip install .*'.*\[draw\]'"):
        draw.draw_net(net, "LR")
