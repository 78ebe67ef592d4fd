"""Cases of the layers with weights over pictures, and of pooling."""

from __future__ import annotations

from tests.layers.cases import Case

_GAUSSIAN = 'weight_filler { type: "gaussian" }'


def _convolution(options: str, branches: int = 1) -> str:
    ports = "".join(f' bottom: "x{k}" top: "y{k}"' for k in range(branches))
    return f'layer {{ name: "c" type: "Convolution"{ports} convolution_param {{ {options} }} }}'


def _pooling(options: str) -> str:
    ports = 'bottom: "x" top: "y"'
    return f'layer {{ name: "p" type: "Pooling" {ports} pooling_param {{ {options} }} }}'


def _inner_product(options: str) -> str:
    ports = 'bottom: "x" top: "y"'
    return (
        f'layer {{ name: "ip" type: "InnerProduct" {ports} inner_product_param {{ {options} }} }}'
    )


CASES = [
    Case(
        "Convolution stride pad",
        _convolution("num_output: 3 kernel_size: 3 stride: 2 pad: 1"),
        [(2, 2, 6, 5)],
    ),
    Case(
        "Convolution oblong",
        _convolution("num_output: 2 kernel_h: 1 kernel_w: 3 stride_h: 2 stride_w: 1 pad_w: 2"),
        [(2, 2, 5, 4)],
    ),
    Case(
        "Convolution dilation",
        _convolution("num_output: 2 kernel_size: 3 dilation: 2 pad: 1"),
        [(2, 2, 7, 6)],
    ),
    Case(
        "Convolution group no bias",
        _convolution("num_output: 4 kernel_size: 2 group: 2 bias_term: false"),
        [(2, 4, 3, 3)],
    ),
    Case("Convolution 1x1", _convolution("num_output: 3 kernel_size: 1"), [(3, 2, 2, 3)]),
    Case("Convolution line", _convolution("num_output: 2 kernel_size: 3 pad: 1"), [(2, 3, 5)]),
    Case("Convolution no space", _convolution("num_output: 2"), [(3, 4)]),
    Case(
        "Convolution volume",
        _convolution("num_output: 2 kernel_size: 2 stride: 1 stride: 2 stride: 1 pad: 1"),
        [(2, 2, 3, 4, 3)],
    ),
    Case(
        "Convolution two branches",
        _convolution("num_output: 2 kernel_size: 2", branches=2),
        [(2, 2, 3, 3)] * 2,
    ),
    Case(
        "Convolution axis 2",
        _convolution("num_output: 2 kernel_size: 2 axis: 2"),
        [(2, 2, 2, 3, 3)],
    ),
    Case("Pooling overlapping", _pooling("kernel_size: 3 stride: 2"), [(2, 2, 6, 7)]),
    Case("Pooling pad", _pooling("kernel_size: 3 stride: 2 pad: 1"), [(2, 1, 5, 6)]),
    Case("Pooling even", _pooling("kernel_size: 2 stride: 2"), [(2, 2, 4, 6)]),
    Case("Pooling mean", _pooling("pool: AVE kernel_size: 3 stride: 2"), [(2, 2, 6, 5)]),
    Case(
        "Pooling mean pad",
        _pooling("pool: AVE kernel_size: 3 stride: 2 pad_h: 1 pad_w: 2"),
        [(2, 2, 5, 5)],
    ),
    Case("Pooling beyond", _pooling("kernel_size: 3 stride: 2"), [(2, 2, 2, 5)]),
    Case(
        "Pooling mean beyond pad",
        _pooling("pool: AVE kernel_size: 5 stride: 3 pad: 1"),
        [(2, 1, 1, 2)],
    ),
    Case("Pooling global", _pooling("pool: AVE global_pooling: true"), [(2, 3, 4, 5)]),
    Case(
        "Pooling floor",
        _pooling("kernel_h: 2 kernel_w: 3 stride: 2 round_mode: FLOOR"),
        [(2, 2, 5, 6)],
    ),
    Case("InnerProduct table", _inner_product(f"num_output: 5 {_GAUSSIAN}"), [(3, 4)]),
    Case("InnerProduct axis", _inner_product("num_output: 3 axis: 2"), [(2, 3, 2, 2)]),
    Case(
        "InnerProduct transposed",
        _inner_product("num_output: 3 transpose: true bias_term: false"),
        [(4, 5)],
    ),
]
