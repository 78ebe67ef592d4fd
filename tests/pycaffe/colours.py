"""A net whose scores are the means of a picture's channels, so that pictures can be followed."""

from pathlib import Path

import numpy as np

import mycaffe_py.pycaffe as caffe
from tests.pycaffe.nets import write

COLOURS = """
layer {
  name: 'in' type: 'Input' top: 'data'
  input_param { shape { dim: 3 dim: 3 dim: SIZE dim: SIZE } }
}
layer {
  name: 'mean' type: 'Pooling' bottom: 'data' top: 'mean'
  pooling_param { pool: AVE global_pooling: true }
}
layer {
  name: 'score' type: 'InnerProduct' bottom: 'mean' top: 'score'
  inner_product_param { num_output: 3 }
}
"""


def colours(folder: Path, size: int) -> tuple[str, str]:
    """Text and weights of the net for pictures of `size` by `size` pixels."""
    text = write(folder, COLOURS.replace("SIZE", str(size)))
    net = caffe.Net(text, caffe.TEST)
    net.params["score"][0].data[...] = np.eye(3)
    net.save(str(folder / "net.caffemodel"))
    return text, str(folder / "net.caffemodel")
