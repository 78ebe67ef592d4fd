"""Floor 3. One file per layer or family; importing this package registers them all."""

from importlib import import_module
from pkgutil import iter_modules

from mycaffe_py.layers.base import layer_types

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["layer_types"]
