"""The user's word that the texts of the folder may run the code they name."""

from __future__ import annotations

from typing import Any

from mycaffe_py.solver.trust import trust
from mycaffe_py.studio.answers import Asked, does
from mycaffe_py.studio.state import Studio


def trust_folder(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Trust the folder of the studio, as `mycaffe trust` does."""
    return {"folder": str(trust(studio.workspace.root))}


ROUTES = [does("/api/trust", trust_folder)]
