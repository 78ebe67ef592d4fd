"""Which layers at the beginning of a net slide over a large picture without a difference."""

from __future__ import annotations

import pytest

from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import net_text
from mycaffe_py.retrieve.spotting.split_net import sliding_layers
from mycaffe_py.snapshot.run_card import TextCard

INPUT = 'layer {{ name: "in" type: "Input" top: "x" input_param {{ shape {{ dim: [{}] }} }} }}'
CONV = 'layer { name: "conv" type: "Convolution" bottom: "x" top: "c" convolution_param { %s } }'
POOL = 'layer { name: "pool" type: "Pooling" bottom: "c" top: "p" pooling_param { %s } }'
RELU = 'layer { name: "relu" type: "ReLU" bottom: "%s" top: "%s" }'
FULL = (
    'layer { name: "ip" type: "InnerProduct" bottom: "p" top: "ip" '
    "inner_product_param { num_output: 3 } }"
)


def sliding(*layers: str, shape: str = "1, 1, 12, 12") -> tuple[list[str], tuple[int, int]]:
    text = "\n".join([INPUT.format(shape), *layers])
    found, step = sliding_layers(compile_net(net_text(TextCard("", text)), backward=False))
    return [node.name for node in found], step


def test_filters_and_pools_without_padding_slide_up_to_the_inner_product() -> None:
    conv = CONV % "num_output: 2 kernel_size: 3"
    pool = POOL % "kernel_size: 2 stride: 2"
    assert sliding(conv, RELU % ("c", "c"), pool, FULL) == (["conv", "relu", "pool"], (2, 2))


def test_strides_of_both_axes_multiply() -> None:
    conv = CONV % "num_output: 2 kernel_size: 4 stride_h: 2 stride_w: 4"
    pool = POOL % "kernel_h: 1 kernel_w: 3 stride_h: 2 stride_w: 1"
    assert sliding(conv, pool, FULL) == (["conv", "pool"], (4, 4))


@pytest.mark.parametrize(
    ("conv", "pool"),
    [
        ("num_output: 2 kernel_size: 3 pad: 1", "kernel_size: 2 stride: 2"),
        # 12 - 4 leaves a remainder of 2 when divided by 3.
        ("num_output: 2 kernel_size: 4 stride: 3", "kernel_size: 1"),
    ],
)
def test_padding_and_steps_with_a_remainder_do_not_slide(conv: str, pool: str) -> None:
    assert sliding(CONV % conv, POOL % pool, FULL) == ([], (1, 1))


@pytest.mark.parametrize(
    "pool",
    ["kernel_size: 3 stride: 2", "global_pooling: true", "kernel_size: 2 stride: 2 pad: 1"],
)
def test_a_pool_that_is_cut_off_padded_or_global_ends_the_first_part(pool: str) -> None:
    conv = CONV % "num_output: 2 kernel_size: 3"
    assert sliding(conv, RELU % ("c", "c"), POOL % pool, FULL) == (["conv"], (1, 1))


def test_a_blob_that_two_layers_read_ends_the_first_part() -> None:
    conv = CONV % "num_output: 2 kernel_size: 3"
    assert sliding(conv, POOL % "kernel_size: 2 stride: 2", RELU % ("c", "r"))[0] == ["conv"]
