"""Floor 3. One file per layer or family, imported when a net first has a layer of its type."""

from mycaffe_py.layers.base import layer_types

__all__ = ["layer_types"]
