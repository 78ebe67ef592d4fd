"""A base small enough to run in no time, with seeded weights."""

from pathlib import Path

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import write_weights

DEPLOY = """
name: "Base"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 1 dim: 28 dim: 28 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 3 kernel_size: 5 stride: 4 weight_filler { type: "xavier" } } }
layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "conv" batch_norm_param { use_global_stats: true } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc"
  inner_product_param { num_output: 6 weight_filler { type: "xavier" } } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
"""  # noqa: E501


def write_base(folder: Path, text: str = DEPLOY, seed: int = 1) -> tuple[Path, Path]:
    """Write model and weights to `folder`; their files."""
    model, weights = folder / "base.prototxt", folder / "base.caffemodel"
    model.write_text(text)
    read = read_model(str(model), pb.NetState(phase="TEST"))
    net = Net(compile_net(read), seed=seed)
    write_weights(weights, "Base", layer_weights(net, list(read.net.layer)))
    return model, weights
