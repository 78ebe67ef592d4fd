"""Small nets in the manner of face detectors: a 12-net, and det1 to det3 of MTCNN."""

from __future__ import annotations


def _input(channels: int, side: int) -> str:
    shape = f"dim: 1 dim: {channels} dim: {side} dim: {side}"
    return (
        f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ {shape} }} }} }}'
    )


def _conv(name: str, bottom: str, outputs: int, kernel: int) -> str:
    return (
        f'layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}" '
        f"convolution_param {{ num_output: {outputs} kernel_size: {kernel} "
        'weight_filler { type: "xavier" } } }'
    )


def _in_place(name: str, kind: str, blob: str) -> str:
    return f'layer {{ name: "{name}" type: "{kind}" bottom: "{blob}" top: "{blob}" }}'


def _pool(name: str, bottom: str, kernel: int) -> str:
    return (
        f'layer {{ name: "{name}" type: "Pooling" bottom: "{bottom}" top: "{name}" '
        f"pooling_param {{ pool: MAX kernel_size: {kernel} stride: 2 }} }}"
    )


def _inner(name: str, bottom: str, outputs: int) -> str:
    return (
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{name}" '
        f'inner_product_param {{ num_output: {outputs} weight_filler {{ type: "xavier" }} }} }}'
    )


def _softmax(bottom: str) -> str:
    return f'layer {{ name: "prob" type: "Softmax" bottom: "{bottom}" top: "prob" }}'


def _conv_prelu(number: int, bottom: str, outputs: int, kernel: int) -> list[str]:
    name = f"conv{number}"
    return [_conv(name, bottom, outputs, kernel), _in_place(f"prelu{number}", "PReLU", name)]


_TWELVE = [
    _input(3, 12),
    _conv("conv1", "data", 16, 3),
    _pool("pool1", "conv1", 3),
    _in_place("relu1", "ReLU", "pool1"),
    _inner("fc2", "pool1", 16),
    _in_place("relu2", "ReLU", "fc2"),
    _inner("fc3", "fc2", 2),
    _softmax("fc3"),
]
_DET1 = [
    _input(3, 12),
    *_conv_prelu(1, "data", 10, 3),
    _pool("pool1", "conv1", 2),
    *_conv_prelu(2, "pool1", 16, 3),
    *_conv_prelu(3, "conv2", 32, 3),
    _conv("score", "conv3", 2, 1),
    _conv("box", "conv3", 4, 1),
    _softmax("score"),
]
_DET2 = [
    _input(3, 24),
    *_conv_prelu(1, "data", 28, 3),
    _pool("pool1", "conv1", 3),
    *_conv_prelu(2, "pool1", 48, 3),
    _pool("pool2", "conv2", 3),
    *_conv_prelu(3, "pool2", 64, 2),
    _inner("fc4", "conv3", 128),
    _in_place("prelu4", "PReLU", "fc4"),
    _inner("score", "fc4", 2),
    _inner("box", "fc4", 4),
    _softmax("score"),
]
_DET3 = [
    _input(3, 48),
    *_conv_prelu(1, "data", 32, 3),
    _pool("pool1", "conv1", 3),
    *_conv_prelu(2, "pool1", 64, 3),
    _pool("pool2", "conv2", 3),
    *_conv_prelu(3, "pool2", 64, 3),
    _pool("pool3", "conv3", 2),
    *_conv_prelu(4, "pool3", 128, 2),
    _inner("fc5", "conv4", 256),
    _in_place("prelu5", "PReLU", "fc5"),
    _inner("score", "fc5", 2),
    _inner("box", "fc5", 4),
    _inner("marks", "fc5", 10),
    _softmax("score"),
]
SMALL_NETS = {
    name: "\n".join([f'name: "{name}"', *layers, ""])
    for name, layers in {"12-net": _TWELVE, "det1": _DET1, "det2": _DET2, "det3": _DET3}.items()
}
