"""PythonLayer: what a user's own layer derives from (`caffe.Layer` in Caffe's scripts)."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.layers.user.python_blob import Blob, BlobVec
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


class PythonLayer:
    """A layer written in Python by the user of a net.

    `param_str` is the text of python_param.param_str, `phase` 0 in TRAIN and 1 in TEST, `blobs` the
    parameters: `self.blobs.add_blob(3, 4)` in setup adds one. All three are there from setup on.
    `param_str_` is what param_str was called until April 2015; the R-CNN forks still say so.
    reshape and forward must be overridden, backward where a gradient is wanted.
    """

    def __init__(self, param: LayerParameter | None = None, *rest: object) -> None:
        """`param` is the layer's text."""
        text = LayerParameter() if param is None else param
        self.type = text.type
        self.param_str = self.param_str_ = text.python_param.param_str
        self.phase = int(text.phase)
        self.blobs = BlobVec()

    def setup(self, bottom: Sequence[Blob], top: Sequence[Blob]) -> None:
        """Check the blobs, read param_str, add parameters: once, before anything else."""

    def reshape(self, bottom: Sequence[Blob], top: Sequence[Blob]) -> None:
        """Give every top its shape: after setup, and before every forward."""
        raise NotImplementedError

    def forward(self, bottom: Sequence[Blob], top: Sequence[Blob]) -> None:
        """Write the data of every top."""
        raise NotImplementedError

    def backward(
        self, top: Sequence[Blob], propagate_down: Sequence[bool], bottom: Sequence[Blob]
    ) -> None:
        """Write the diff of each bottom whose flag is set, and add to those of the parameters."""
        raise NotImplementedError


Layer = PythonLayer
