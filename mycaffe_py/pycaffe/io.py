"""Pictures and arrays on their way into a net and out of it, under Caffe's names."""

from mycaffe_py.pycaffe.messages import (
    array_to_blobproto,
    array_to_datum,
    arraylist_to_blobprotovector_str,
    blobproto_to_array,
    blobprotovector_str_to_arraylist,
    datum_to_array,
)
from mycaffe_py.pycaffe.pictures import load_image, oversample
from mycaffe_py.pycaffe.proto import caffe_pb2
from mycaffe_py.pycaffe.resize import resize_image
from mycaffe_py.pycaffe.transformer import Transformer

__all__ = [
    "Transformer",
    "array_to_blobproto",
    "array_to_datum",
    "arraylist_to_blobprotovector_str",
    "blobproto_to_array",
    "blobprotovector_str_to_arraylist",
    "caffe_pb2",
    "datum_to_array",
    "load_image",
    "oversample",
    "resize_image",
]
