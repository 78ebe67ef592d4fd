"""Texts of small nets for the tests of this folder."""

from pathlib import Path

import mycaffe_py.pycaffe as caffe

FILLED = """
name: 'filled' force_backward: true
layer {
  name: 'data' type: 'DummyData' top: 'data' top: 'label'
  dummy_data_param {
    shape { dim: 5 dim: 2 dim: 3 dim: 4 } shape { dim: 5 }
    data_filler { type: 'gaussian' } data_filler { type: 'constant' value: 1 }
  }
}
layer {
  name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'
  convolution_param {
    num_output: 3 kernel_size: 2
    weight_filler { type: 'gaussian' } bias_filler { type: 'constant' value: 2 }
  }
}
layer {
  name: 'ip' type: 'InnerProduct' bottom: 'conv' top: 'scores'
  inner_product_param { num_output: 4 weight_filler { type: 'gaussian' std: 0.5 } }
}
layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'scores' bottom: 'label' top: 'loss' }
"""

# One input, read twice; the outputs are 'sum' and 'twice'.
TWO_READERS = """
name: 'two' force_backward: true
layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 3 } } }
layer { name: 'double' type: 'Power' bottom: 'x' top: 'twice' power_param { scale: 2 } }
layer {
  name: 'ip' type: 'InnerProduct' bottom: 'x' top: 'sum'
  inner_product_param { num_output: 1 weight_filler { value: 1 } }
}
"""

# Any number of pictures of any size.
PICTURES = """
force_backward: true
layer {
  name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 1 dim: 4 dim: 4 } }
}
layer {
  name: 'conv' type: 'Convolution' bottom: 'x' top: 'conv'
  convolution_param { num_output: 2 kernel_size: 3 weight_filler { value: 1 } }
}
layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'conv' }
"""

# Learns y = w x + b from data that a script puts in; 'loss' is the only output.
LINE = """
name: 'line'
layer {
  name: 'in' type: 'DummyData' top: 'x' top: 'y'
  dummy_data_param { shape { dim: 4 dim: 2 } shape { dim: 4 dim: 1 } }
}
layer {
  name: 'ip' type: 'InnerProduct' bottom: 'x' top: 'z'
  param { lr_mult: 1 } param { lr_mult: 2 }
  inner_product_param { num_output: 1 weight_filler { value: 0.5 } }
}
layer { name: 'loss' type: 'EuclideanLoss' bottom: 'z' bottom: 'y' top: 'loss' }
"""


def write(folder: Path, text: str, name: str = "net.prototxt") -> str:
    """`text` as a file of `folder`; returns its path."""
    path = folder / name
    path.write_text(text)
    return str(path)


def net(folder: Path, text: str, phase: int = caffe.TEST, **options: object) -> caffe.Net:
    """The net of `text`."""
    return caffe.Net(write(folder, text), phase, **options)
