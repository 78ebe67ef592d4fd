from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from tests.graph.nets import graph_of, inner_product

SHARED = 'param { name: "w" } param { name: "b" }'


def _data(images: int, transform: str = "") -> str:
    return (
        'layer { name: "data" type: "Data" top: "pack" top: "label" '
        f"transform_param {{ scale: 0.0039 {transform} }} "
        'data_param { source: "digits28.testing" batch_size: 5 output_all_labels: true '
        f"images_per_blob: {images} }} }}\n"
    )


def _slice(tops: str, options: str = "") -> str:
    named = " ".join(f'top: "{top}"' for top in tops)
    return f'layer {{ name: "cut" type: "Slice" bottom: "pack" {named} {options} }}\n'


def _branches(tops: str) -> str:
    return "".join(inner_product(f"ip_{top}", top, f"y_{top}", SHARED) for top in tops)


def _both(text: str) -> tuple[Net, Net]:
    return Net(graph_of(text)), Net(graph_of(text, passes=ALL_PASSES))


def _types(net: Net) -> list[str]:
    return [node.layer.type for node in net.graph.nodes]


@pytest.mark.parametrize("transform", ["", "force_color: true", "mirror: true crop_size: 20"])
@pytest.mark.parametrize("tops", ["ab", "abc"])
def test_the_feed_writes_the_same_images_straight_into_the_rows(tops: str, transform: str) -> None:
    plain, fused = _both(_data(len(tops), transform) + _slice(tops) + _branches(tops))
    assert _types(fused) == ["Data+Slice", "InnerProduct"]
    for batch in (0, 1, 7):
        plain.forward(batch)
        fused.forward(batch)
        for name in plain.graph.blobs:
            np.testing.assert_allclose(fused.blob(name), plain.blob(name), rtol=1e-4, atol=1e-5)
        assert np.array_equal(fused.blob("pack"), plain.blob("pack"))
    assert "fuse: 1 data layers with their slice: data + cut" in fused.graph.notes


@pytest.mark.parametrize(
    "text",
    [
        _data(2) + _slice("ab") + _branches("ab") + inner_product("more", "pack", "z"),
        _data(2) + _slice("ab", "slice_param { axis: 2 }") + _branches("ab"),
        _data(2, "force_color: true") + _slice("abc") + _branches("abc"),
        _data(2) + _slice("ab") + _branches("ba"),
        _data(2) + _slice("ab") + inner_product("ip", "a", "y") + inner_product("iq", "b", "z"),
    ],
    ids=["read twice", "other axis", "not whole images", "other order", "no twins"],
)
def test_other_slices_stay_apart(text: str) -> None:
    plain, net = _both(text)
    assert "Slice" in _types(net)
    plain.forward(3)
    net.forward(3)
    for name in plain.graph.blobs:
        np.testing.assert_allclose(net.blob(name), plain.blob(name), rtol=1e-4, atol=1e-5)
