"""The messages under the name that Caffe's scripts import them by."""

from mycaffe_py.pycaffe.proto import caffe_pb2

__all__ = ["caffe_pb2"]
