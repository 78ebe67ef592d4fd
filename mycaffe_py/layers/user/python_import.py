"""Finds the class of a Python layer, and lets its module `import caffe`.

Scripts written for Caffe begin with `import caffe`. Where no such package is installed that name
means mycaffe_py.pycaffe, while the module of a layer is imported and while its code runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.layers.user.consent import refuse_foreign, refuse_foreign_file
from mycaffe_py.layers.user.python_error import UserCodeError, told
from mycaffe_py.layers.user.python_layer import PythonLayer

_CAFFE = "caffe"
_OURS = "mycaffe_py.pycaffe"


class _Ours(Loader):
    """Loads our package under the name of Caffe's."""

    def __init__(self) -> None:
        self.spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Our package; from now on its modules are known under Caffe's names, too."""
        package = import_module(_OURS)
        self.spec = package.__spec__
        package.install()
        return package

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do: the package ran under its own name, only its spec was replaced."""
        module.__spec__ = self.spec


class _Caffe(MetaPathFinder):
    """Finds Caffe in our package."""

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Python asks this finder last, when it has found nothing else under that name."""
        return ModuleSpec(fullname, _Ours()) if fullname == _CAFFE else None


@contextmanager
def importing_from(folders: Sequence[Path]) -> Iterator[None]:
    """While this lasts modules are found in `folders` (absolute) first, and caffe is found."""
    places = [str(folder) for folder in folders]
    finder = _Caffe()
    sys.path[:0] = places
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for place in places:
            sys.path.remove(place)


def load_class(module: str, name: str, folders: Sequence[Path]) -> type[PythonLayer]:
    """Class `name` of `module`, looked for in `folders` (absolute), then where Python looks.

    A module that is already loaded is used as it is. Errors (UserError): no such module or class,
    a class that is no layer; what the module itself raises is the `__cause__` of a UserCodeError.
    """
    found = getattr(_module(module, folders), name, None)
    if found is None:
        known = vars(sys.modules[module])
        raise UserError(
            f"module '{module}' ({_file(module)}) has no class '{name}'",
            do=nearest(name, [key for key, value in known.items() if isinstance(value, type)]),
        )
    if not (isinstance(found, type) and issubclass(found, PythonLayer)):
        raise UserError(
            f"'{name}' of module '{module}' ({_file(module)}) is no layer",
            wanted="a class that derives from caffe.Layer",
        )
    return found


def load_callable(module: str, name: str, folders: Sequence[Path]) -> Callable[..., Any]:
    """Function or class `name` of `module`, found as `load_class` finds its class.

    Errors (UserError): no such module or function, a name for something that cannot be called.
    """
    found: Callable[..., Any] | None = getattr(_module(module, folders), name, None)
    # The program itself is such a module where a command runs.
    if str(getattr(found, "__module__", "")).startswith("mycaffe_py.") and module == "__main__":
        found = None
    if found is None or not callable(found):
        known = vars(sys.modules[module])
        what = "is no function or class" if name in known else "is not there"
        raise UserError(
            f"'{name}' of module '{module}' ({_file(module)}) {what}",
            do=nearest(name, [key for key, value in known.items() if callable(value)]),
        )
    return found


def _module(name: str, folders: Sequence[Path]) -> ModuleType:
    refuse_foreign(name, tuple(folders))
    module = _imported(name, folders)
    refuse_foreign_file(name, tuple(folders))
    return module


def _imported(name: str, folders: Sequence[Path]) -> ModuleType:
    with importing_from(folders):
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise UserCodeError(told(f"import of module '{name}'", error)) from error
            places = " and ".join(dict.fromkeys(f"'{folder}'" for folder in folders))
            raise UserError(
                f"there is no module '{error.name}'",
                wanted=f"it was looked for in {places} and where Python finds its modules",
            ) from error
        # Whatever the user's module may raise while it is imported.
        except Exception as error:
            raise UserCodeError(told(f"import of module '{name}'", error)) from error


def _file(module: str) -> str:
    return str(getattr(sys.modules[module], "__file__", None) or "built in")
