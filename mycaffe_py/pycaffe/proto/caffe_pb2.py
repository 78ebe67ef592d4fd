"""Caffe's messages and enums: those of this package, which hold all of Caffe's fields."""

from typing import Any

from mycaffe_py.proto import mycaffe_pb2
from mycaffe_py.proto.mycaffe_pb2 import *  # noqa: F403


def __getattr__(name: str) -> Any:
    # Descriptors (_LAYERPARAMETER) start with a line, and the star above leaves those out.
    return getattr(mycaffe_pb2, name)
