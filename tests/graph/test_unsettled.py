"""Blobs whose shape only a forward knows: passes leave them alone and say so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.passes.memory import gradient_key
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.graph.verify import verify
from tests.graph.nets import branch, graph_of, siamese

FILTERED = (
    'layer { name: "kept" type: "Filter" bottom: "a" bottom: "b" bottom: "sim" '
    'top: "ka" top: "kb" }\n'
)
NET = (
    siamese().partition('layer { name: "conv"')[0]
    + FILTERED
    + branch("", "ka")
    + branch("_p", "kb")
    + 'layer { name: "loss" type: "EuclideanLoss" bottom: "feat" bottom: "feat_p" top: "loss" }\n'
)


def test_all_that_follows_is_unsettled() -> None:
    graph = graph_of(NET)
    found = unsettled(graph)
    assert set(found.values()) == {"kept"}
    assert {"ka", "kb", "conv", "pool_p", "ip", "feat", "loss"} <= set(found)
    assert not {"pair", "a", "b", "sim"} & set(found)
    assert unsettled(graph_of(siamese())) == {}


def test_no_pass_touches_what_follows() -> None:
    plain, graph = graph_of(NET), graph_of(NET, passes=ALL_PASSES)
    assert [node.name for node in graph.nodes] == [node.name for node in plain.nodes]
    assert not graph.rows and not graph.fused and not graph.lifetimes
    why = "known only after the forward of 'kept'"
    assert f"merge_twins: conv, conv_p not merged: the shape of 'ka' is {why}" in graph.notes
    assert f"fuse: conv stays as it is: the shape of 'ka' is {why}" in graph.notes
    assert f"fuse: ip stays as it is: the shape of 'pool' is {why}" in graph.notes
    assert any(note.startswith("memory: kept and all behind keep") for note in graph.notes)


def test_what_comes_before_is_optimised() -> None:
    text = siamese().replace('bottom: "feat" bottom: "feat_p"', 'bottom: "ka" bottom: "kb"')
    text = text.replace(
        'layer { name: "loss"',
        FILTERED.replace('"a" bottom: "b"', '"feat" bottom: "feat_p"').replace(
            'bottom: "sim"', 'bottom: "sim" bottom: "sim"'
        )
        + 'layer { name: "loss"',
    )
    text = text.replace('top: "kb" }', 'top: "kb" top: "ks" }')
    text = text.replace('bottom: "kb" bottom: "sim"', 'bottom: "kb" bottom: "ks"')
    graph = graph_of(text, passes=ALL_PASSES)
    assert graph.rows and graph.lifetimes
    assert not any(gradient_key(blob) in graph.lifetimes for blob in unsettled(graph))


def test_a_pass_that_fixes_such_a_blob_is_found() -> None:
    graph = graph_of(NET)
    broken = replace(graph, lifetimes={gradient_key("conv"): ((0, 1),)})
    with pytest.raises(RuntimeError, match="after memory: 'conv' has a fixed size"):
        verify(broken, "memory")
