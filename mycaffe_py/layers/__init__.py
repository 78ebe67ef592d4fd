"""Floor 3: one file per layer, by family; imported when a net first has a layer of its type."""

from mycaffe_py.layers.base import layer_types

__all__ = ["layer_types"]
