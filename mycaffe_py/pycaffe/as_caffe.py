"""This package under the name `caffe`, for scripts that import that."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from mycaffe_py.errors import UserError

_PACKAGE = __name__.rpartition(".")[0]
# Caffe's submodules that are modules here too.
_SUBMODULES = (
    "io", "proto", "proto.caffe_pb2", "net_spec", "draw", "coord_map", "classifier", "detector",
)  # fmt: skip
# Caffe's submodules whose contents stand in the package itself here.
_THE_PACKAGE_ITSELF = ("pycaffe", "_caffe")


def install() -> ModuleType:
    """Make `import caffe`, in every module imported from now on, mean this package.

        from mycaffe_py.pycaffe.as_caffe import install
        install()
        import caffe

    Nothing is written anywhere; it holds for this process. Doing it twice is the same as once.
    Raises UserError when another Caffe was imported before.
    """
    package = import_module(_PACKAGE)
    other = sys.modules.get("caffe", package)
    if other is not package:
        raise UserError(
            f"another caffe is imported already, from {getattr(other, '__file__', None)}",
            do="Call install() before anything imports caffe.",
        )
    sys.modules["caffe"] = package
    for name in _SUBMODULES:
        sys.modules[f"caffe.{name}"] = import_module(f"{_PACKAGE}.{name}")
    for name in _THE_PACKAGE_ITSELF:
        sys.modules[f"caffe.{name}"] = package
        setattr(package, name, package)
    return package
