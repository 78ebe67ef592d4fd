"""Floor 9: Caffe's Python interface: with `import mycaffe_py.pycaffe as caffe` scripts run.

Nets made here are Caffe layer by layer: no pass of the compiler is applied, so that every blob and
every gradient of the text can be looked at and written into.
"""

from mycaffe_py.layers import layer_types
from mycaffe_py.layers.user.python_layer import Layer
from mycaffe_py.pycaffe import io, proto
from mycaffe_py.pycaffe.as_caffe import install
from mycaffe_py.pycaffe.classifier import Classifier
from mycaffe_py.pycaffe.detector import Detector
from mycaffe_py.pycaffe.log_lines import init_log, log
from mycaffe_py.pycaffe.mode import (
    set_device,
    set_mode_cpu,
    set_mode_gpu,
    set_multiprocess,
    set_random_seed,
    set_solver_count,
    set_solver_rank,
    solver_count,
    solver_rank,
)
from mycaffe_py.pycaffe.nccl import NCCL, has_nccl
from mycaffe_py.pycaffe.net import Net
from mycaffe_py.pycaffe.net_spec import NetSpec, layers, params, to_proto
from mycaffe_py.pycaffe.proto.caffe_pb2 import TEST, TRAIN
from mycaffe_py.pycaffe.solver import SGDSolver, class_named, get_solver, solver_classes
from mycaffe_py.pycaffe.timer import Timer

# The version of Caffe whose interface this is; scripts look at it.
__version__ = "1.0.0"


def layer_type_list() -> list[str]:
    """The names of all layer types, in alphabetical order."""
    return list(layer_types)


def __getattr__(name: str) -> type[SGDSolver]:
    """AdamSolver and its like: a class for each solver type, SGDSolver being the plain one."""
    return class_named(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *solver_classes()})


__all__ = [
    *solver_classes(),
    "NCCL",
    "TEST",
    "TRAIN",
    "Classifier",
    "Detector",
    "Layer",
    "Net",
    "NetSpec",
    "Timer",
    "get_solver",
    "has_nccl",
    "init_log",
    "install",
    "io",
    "layer_type_list",
    "layers",
    "log",
    "params",
    "proto",
    "set_device",
    "set_mode_cpu",
    "set_mode_gpu",
    "set_multiprocess",
    "set_random_seed",
    "set_solver_count",
    "set_solver_rank",
    "solver_count",
    "solver_rank",
    "to_proto",
]
