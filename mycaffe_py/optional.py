"""Packages that only some jobs need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import google.protobuf
from google.protobuf.runtime_version import VersionError

from mycaffe_py.errors import UserError, Where
from mycaffe_py.installing import install_extra


def optional(module: str, extra: str, what: str, where: Where | None = None) -> Any:
    """The module called `module`; `what` says who needs it.

    Errors: it is not installed, or was made for a newer protobuf than the one that is.
    """
    try:
        return import_module(module)
    except VersionError as error:
        raise UserError(
            f"{what} needs the package '{module}', and the one that is installed does not run "
            f"with protobuf {google.protobuf.__version__}: {error}",
            where=where,
            do=f"Install a newer protobuf, or a release of '{module}' for this one.",
        ) from error
    except ImportError as error:
        package = module.partition(".")[0]
        missing = isinstance(error, ModuleNotFoundError) and error.name == package
        told = "is not installed" if missing else f"cannot be imported: {error}"
        raise UserError(
            f"{what} needs the package '{package}', which {told}",
            where=where,
            do=f"Install it with: {install_extra(extra)}",
        ) from error
