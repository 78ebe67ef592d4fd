"""Cases of Deconvolution, Im2col and SPP."""

from __future__ import annotations

from tests.layers.cases import Case


def _one(kind: str, options: str, bottoms: int = 1) -> str:
    ports = "".join(f' bottom: "x{k}" top: "y{k}"' for k in range(bottoms))
    message = "spp_param" if kind == "SPP" else "convolution_param"
    return f'layer {{ name: "tried" type: "{kind}"{ports} {message} {{ {options} }} }}'


CASES = [
    Case(
        "Deconvolution in groups without bias",
        _one("Deconvolution", "num_output: 4 kernel_size: 3 stride: 2 group: 2 bias_term: false"),
        [(2, 4, 3, 2)],
    ),
    Case(
        "Deconvolution dilated, of two bottoms",
        _one("Deconvolution", "num_output: 3 kernel_size: 2 dilation: 2 pad: 1", 2),
        [(2, 2, 3, 4)] * 2,
    ),
    Case(
        "Deconvolution of a line",
        _one("Deconvolution", "num_output: 2 kernel_size: 3 stride: 2"),
        [(2, 3, 4)],
    ),
    Case(
        "Deconvolution of volumes behind axis 2",
        _one("Deconvolution", "axis: 2 num_output: 2 kernel_size: 2 stride: 2 pad: 1"),
        [(2, 1, 2, 2, 3, 2)],
    ),
    Case("Im2col of a line", _one("Im2col", "kernel_size: 2 dilation: 2"), [(2, 3, 5)]),
    Case(
        "Im2col of volumes behind axis 2",
        _one("Im2col", "axis: 2 kernel_size: 2 stride: 2 pad: 1"),
        [(2, 1, 2, 2, 3, 2)],
    ),
    Case("SPP of one level", _one("SPP", "pyramid_height: 1"), [(2, 3, 3, 5)]),
    Case("SPP of three levels", _one("SPP", "pyramid_height: 3"), [(2, 2, 7, 9)]),
    Case("SPP of means", _one("SPP", "pyramid_height: 3 pool: AVE"), [(2, 2, 7, 9)]),
]
