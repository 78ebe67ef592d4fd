"""A compiled net of pictures as a PyTorch module, with the same weights, layer for layer.

BatchNorm and the Scale behind it become one BatchNorm2d, as PyTorch's users write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.model import Node
from mycaffe_py.proto.mycaffe_pb2 import EltwiseParameter

Weights = Mapping[str, np.ndarray]


class _Sum(nn.Module):
    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        return torch.add(*x)


class _Concat(nn.Module):
    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        return torch.cat(x, 1)


class TorchGraph(nn.Module):
    """The layers of `net`, compiled without passes, in order; forward gives the last blob."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.made = nn.ModuleList()
        self.places: list[tuple[tuple[str, ...], str]] = []
        for node in net.graph.nodes:
            if node.layer.type == "Scale":
                self._take_scale(node, net.values)
            elif node.layer.type in ("Split", "Dropout"):
                for top in node.tops:
                    self._add(nn.Identity(), node.bottoms, top)
            elif node.layer.type != "Input":
                self._add(_MODULES[node.layer.type](node, net.values), node.bottoms, node.tops[0])
        self.eval()

    def _add(self, module: nn.Module, bottoms: tuple[str, ...], top: str) -> None:
        self.made.append(module)
        self.places.append((bottoms, top))

    def _take_scale(self, node: Node, values: Weights) -> None:
        """Into the BatchNorm2d just made."""
        norm = self.made[-1]
        assert isinstance(norm, nn.BatchNorm2d) and self.places[-1][1] == node.bottoms[0]
        _copy(norm.weight, values[node.params[0]])
        _copy(norm.bias, values[node.params[1]])
        self.places[-1] = (self.places[-1][0], node.tops[0])

    def blobs(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every blob, where `x` is the net's input 'data'."""
        values = {"data": x}
        for module, (bottoms, top) in zip(self.made, self.places, strict=True):
            values[top] = module(*[values[bottom] for bottom in bottoms])
        return values

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.blobs(x)[self.places[-1][1]]


def _copy(target: Any, values: np.ndarray) -> None:
    with torch.no_grad():
        target.copy_(torch.from_numpy(values.copy()).reshape(target.shape))


def _convolution(node: Node, values: Weights) -> nn.Module:
    facts = node.plan.facts
    window = facts.columns.window
    made = nn.Conv2d(
        facts.columns.channels,
        facts.outputs,
        window.kernel,
        window.stride,
        window.pad,
        window.dilation,
        facts.group,
        facts.bias,
    )
    for target, key in zip(made.parameters(), node.params, strict=True):
        _copy(target, values[key])
    return made


def _batch_norm(node: Node, values: Weights) -> nn.Module:
    mean, variance, count = (values[key] for key in node.params)
    made = nn.BatchNorm2d(mean.size, eps=node.plan.facts.eps)
    _copy(made.running_mean, mean / count)
    _copy(made.running_var, variance / count)
    return made


def _pooling(node: Node, values: Weights) -> nn.Module:
    facts = node.plan.facts
    kind = nn.MaxPool2d if facts.maximum else nn.AvgPool2d
    window = facts.window
    return kind(window.kernel, window.stride, window.pad, ceil_mode=True)


def _inner_product(node: Node, values: Weights) -> nn.Module:
    w, b = (values[key] for key in node.params)
    made = nn.Linear(w.shape[1], w.shape[0])
    _copy(made.weight, w)
    _copy(made.bias, b)
    return nn.Sequential(nn.Flatten(), made)


def _lrn(node: Node, values: Weights) -> nn.Module:
    options = node.context.param.lrn_param
    return nn.LocalResponseNorm(options.local_size, options.alpha, options.beta, options.k)


def _eltwise(node: Node, values: Weights) -> nn.Module:
    assert node.plan.facts.operation == EltwiseParameter.SUM and len(node.bottoms) == 2
    return _Sum()


_MODULES: dict[str, Any] = {
    "Convolution": _convolution,
    "BatchNorm": _batch_norm,
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "LRN": _lrn,
    "Eltwise": _eltwise,
    "ReLU": lambda node, values: nn.ReLU(inplace=node.in_place[0]),
    "Concat": lambda node, values: _Concat(),
    "Softmax": lambda node, values: nn.Softmax(1),
}
