"""Makes arrays of a script the data of a net."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import Array
from mycaffe_py.pycaffe.net_text import CaffeError
from mycaffe_py.pycaffe.plain_net import PlainNet

_TYPE = "MemoryData"
_AXES = ("number of channels", "height", "width")


def set_input_arrays(net: PlainNet, data: Array, labels: Array) -> None:
    """Let the MemoryData that `net` begins with hand out `data` and `labels`, uncopied.

    data (n, C, H, W), labels (n, 1, 1, 1), both float32 and C-contiguous, n a multiple of the
    batch. Anything else raises CaffeError, a RuntimeError.
    """
    node, _ = net.steps[0]
    if node.layer.type != _TYPE:
        raise CaffeError(
            f"set_input_arrays on a net whose first layer is '{node.name}' ({node.layer.type})",
            wanted="the first layer must be a MemoryData layer",
        )
    batch, *sizes = node.plan.tops[0].shape
    _check("data array", data, tuple(sizes))
    _check("labels array", labels, (1, 1, 1))
    if len(data) != len(labels):
        raise CaffeError(
            f"{len(data)} rows of data and {len(labels)} labels",
            wanted="data and labels must have the same first dimension",
        )
    if len(data) % batch:
        raise CaffeError(
            f"{len(data)} rows of data",
            wanted=f"their number must be a multiple of the batch size, {batch}",
        )
    node.plan.facts.feed.reset(data, labels)


def _check(name: str, array: Array, sizes: tuple[int, ...]) -> None:
    if not isinstance(array, np.ndarray) or not array.flags.c_contiguous:
        raise CaffeError(f"{name} must be C contiguous")
    if array.ndim != 4:
        raise CaffeError(f"{name} must be 4-d", wanted=f"this one is {array.shape}")
    if array.dtype != np.float32:
        raise CaffeError(f"{name} must be float32", wanted=f"this one is {array.dtype}")
    for axis, found, wanted in zip(_AXES, array.shape[1:], sizes, strict=True):
        if found != wanted:
            raise CaffeError(f"{name} has wrong {axis}: {found}", wanted=f"the net takes {wanted}")
