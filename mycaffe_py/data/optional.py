"""Floor 2. Packages that only some jobs need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mycaffe_py.errors import UserError, Where


def optional(module: str, extra: str, what: str, where: Where | None = None) -> Any:
    """The module called `module`; `what` says who needs it. Errors: it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise UserError(
            f"{what} needs the package '{module}', which cannot be imported: {error}",
            where=where,
            do=f"pip install 'mycaffe-py[{extra}]'",
        ) from error
