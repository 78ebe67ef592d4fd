"""The same graph for other shapes, and what must not change."""

from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.replan import replan
from mycaffe_py.graph.verify import verify
from tests.graph.nets import graph_of, inner_product, siamese

CONVOLUTION = (
    'layer { name: "x" type: "Input" top: "x" '
    "input_param { shape { dim: 2 dim: 3 dim: 8 dim: 8 } } }\n"
    'layer { name: "other" type: "Input" top: "other" input_param { shape { dim: 2 } } }\n'
    'layer { name: "conv" type: "Convolution" bottom: "x" top: "conv" '
    "convolution_param { num_output: 4 kernel_size: 3 } }\n"
    'layer { name: "act" type: "ReLU" bottom: "conv" top: "conv" }\n'
    'layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" '
    "pooling_param { kernel_size: 2 stride: 2 } }\n"
    'layer { name: "flat" type: "Flatten" bottom: "other" top: "flat" '
    "flatten_param { axis: 0 } }\n"
)


def test_everything_behind_is_planned_again_and_the_rest_stays() -> None:
    graph = graph_of(CONVOLUTION)
    wide = replan(graph, {"x": (5, 3, 10, 20)})
    assert {name: spec.shape for name, spec in wide.blobs.items()} == {
        "x": (5, 3, 10, 20),
        "other": (2,),
        "conv": (5, 4, 8, 18),
        "pool": (5, 4, 4, 9),
        "flat": (2,),
    }
    assert wide.node("flat") is graph.node("flat")
    assert wide.params == graph.params
    assert verify(wide, "replan") is wide
    assert graph.blobs["pool"].shape == (2, 4, 3, 3), "the first graph is as it was"
    assert replan(wide, {"x": (2, 3, 8, 8)}).blobs == graph.blobs
    assert replan(graph, {"x": (2, 3, 8, 8)}) == graph


def test_branches_and_splits_follow() -> None:
    graph = replan(graph_of(siamese()), {"pair": (9, 2, 6, 6), "sim": (9,)})
    assert graph.blobs["feat_p"].shape == (9, 2)
    assert graph.blobs["loss"].shape == graph_of(siamese()).blobs["loss"].shape


@pytest.mark.parametrize(
    "shapes, words",
    [
        ({"X": (1,)}, "the net has no blob 'X'. Did you mean 'x'?"),
        ({"conv": (1, 4, 6, 6)}, "blob 'conv' cannot be given the shape (1, 4, 6, 6)"),
        ({"x": (1, 3, -8, 8)}, "layer 'x' (Input): shape (1, 3, -8, 8) for blob 'x'"),
        ({"x": (1, 3, 2, 2)}, "layer 'conv' (Convolution)"),
        (
            {"x": (1, 2, 8, 8)},
            "layer 'conv' (Convolution): parameter 0 would become (4, 2, 3, 3) for bottom 'x' of "
            "(1, 2, 8, 8); it is (4, 3, 3, 3)",
        ),
    ],
)
def test_mistakes(shapes: dict[str, tuple[int, ...]], words: str) -> None:
    with pytest.raises(UserError) as caught:
        replan(graph_of(CONVOLUTION), shapes)
    assert words in str(caught.value)


def test_an_inner_product_keeps_its_width() -> None:
    graph = graph_of(CONVOLUTION + inner_product("ip", "pool", "ip"))
    assert replan(graph, {"x": (7, 3, 8, 8)}).blobs["ip"].shape == (7, 3)
    with pytest.raises(UserError, match=r"layer 'ip' \(InnerProduct\): parameter 0 would become"):
        replan(graph, {"x": (2, 3, 10, 10)})


def test_what_passes_have_fixed_is_refused() -> None:
    """All but two that leave this net alone: tests/graph/passes/test_fold.py, test_blocks.py."""
    for name in set(ALL_PASSES) - {"fold", "blocks"}:
        graph = graph_of(siamese(), passes=[name])
        with pytest.raises(UserError, match="compiled with optimising passes"):
            replan(graph, {"pair": (9, 2, 6, 6), "sim": (9,)})
