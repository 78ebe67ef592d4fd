"""Floor 4. Rows of layers that have a kernel of their own become one layer."""

from __future__ import annotations

from mycaffe_py.graph.fuse_convolution import fuse_convolution
from mycaffe_py.graph.fuse_data import fuse_data
from mycaffe_py.graph.fuse_inner_product import fuse_inner_product
from mycaffe_py.graph.model import Graph


def fuse(graph: Graph) -> Graph:
    """All fusions, each of which says in the notes what it did."""
    return fuse_inner_product(fuse_convolution(fuse_data(graph)))
