"""JSON that any reader understands: NaN and infinities, which JSON lacks, become null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any


def dumps(value: Any, indent: int | None = None) -> str:
    """`value` (dicts, lists, numbers, strings) as JSON text."""
    try:
        # Mostly there is nothing to replace.
        return json.dumps(value, indent=indent, allow_nan=False)
    except (TypeError, ValueError):
        return json.dumps(plain(value), indent=indent, allow_nan=False)


def plain(value: Any) -> Any:
    """`value` of what JSON has alone; of a dataclass its fields, without a copy of their leaves."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value):
        return {name: plain(inner) for name, inner in vars(value).items()}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value
