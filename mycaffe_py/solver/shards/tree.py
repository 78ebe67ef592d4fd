"""Sums over shards in the order of a tree, which depends on their number alone.

A node of the tree is a run of neighbouring shards, (first, end); one of several is the sum of its
two halves. A process has the nodes that lie within its own shards, and whoever has such nodes of
all processes can finish the sum: the same additions, whoever makes them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mycaffe_py.layers.base import Array

Node = tuple[int, int]


def nodes_within(tree: Node, own: Node) -> list[Node]:
    """The largest nodes below `tree` that lie within the run `own`, from left to right."""
    if own[0] <= tree[0] and tree[1] <= own[1]:
        return [tree]
    if tree[1] <= own[0] or own[1] <= tree[0]:
        return []
    return [node for half in _halves(tree) for node in nodes_within(half, own)]


def summed(tree: Node, parts: Mapping[Node, Array]) -> Array:
    """The sum of `tree` from the sums of nodes below it; the arrays of `parts` are written over."""
    if tree in parts:
        return parts[tree]
    left, right = (summed(half, parts) for half in _halves(tree))
    np.add(left, right, out=left)
    return left


def _halves(tree: Node) -> tuple[Node, Node]:
    middle = (tree[0] + tree[1] + 1) // 2
    return (tree[0], middle), (middle, tree[1])
