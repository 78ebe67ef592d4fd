"""Designs: heads ranked on tables of features."""

from __future__ import annotations

from typing import Any

from mycaffe_py.studio.answers import Asked, asks
from mycaffe_py.studio.designs import bases, head_names, rankings, tables
from mycaffe_py.studio.state import Studio


def designs(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Results, tables, heads, and the runs that can make tables."""
    return {
        "rankings": rankings(studio.workspace),
        "tables": tables(),
        "heads": head_names(),
        "bases": bases(studio.workspace),
    }


ROUTES = [asks("/api/rank", designs)]
