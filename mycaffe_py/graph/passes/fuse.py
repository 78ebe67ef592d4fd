"""Turns chains of layers for which there is one kernel into one layer each."""

from __future__ import annotations

from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.passes.fuse_batch_norm import fuse_batch_norm
from mycaffe_py.graph.passes.fuse_convolution import fuse_convolution
from mycaffe_py.graph.passes.fuse_data import fuse_data
from mycaffe_py.graph.passes.fuse_inner_product import fuse_inner_product
from mycaffe_py.graph.passes.fuse_relu import fuse_relu


def fuse(graph: Graph) -> Graph:
    """`graph` after all fusions; each of them says in the notes what it did."""
    graph = fuse_inner_product(fuse_convolution(fuse_data(graph)))
    return fuse_relu(fuse_batch_norm(graph))
