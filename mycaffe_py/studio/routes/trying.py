"""The try page: a snapshot of a run is asked about what is drawn, dropped, pasted or chosen."""

from __future__ import annotations

from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.studio.answers import Asked, does, word
from mycaffe_py.studio.runs import snapshot_of
from mycaffe_py.studio.state import Studio

# What goes on to the net's process, as the page sent it.
_PASSED = ("data", "name", "label", "force", "map")
_QUESTIONS = ("about", "map", "ask", "inside", "enroll", "remove")


def ask(studio: Studio, asked: Asked) -> dict[str, Any]:
    """One question about a snapshot of a run; of one `page` only the newest waits its turn."""
    do = word(asked, "do")
    if do not in _QUESTIONS:
        raise UserError(f"a net is not asked '{do[:40]}'", do="Reload the page.")
    question = {"do": do, **{name: asked[name] for name in _PASSED if name in asked}}
    # A picture that is asked about anew makes the one before needless; nothing else may be lost.
    page = f"{do} {word(asked, 'page', '')}" if do in ("ask", "inside") else ""
    weights = snapshot_of(studio.workspace, asked).weights
    return studio.workers.ask(weights, question, page)


ROUTES = [does("/api/ask", ask)]
