"""The studio as an ASGI application: routes of all pages, behind the guard."""

from __future__ import annotations

import gc
import gzip
import hashlib
import re
from collections.abc import Collection
from importlib import import_module
from pkgutil import iter_modules

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from mycaffe_py.errors import UserError
from mycaffe_py.studio.answers import BROKEN, error_answer, json_answer
from mycaffe_py.studio.bundle import PAGE, bundled
from mycaffe_py.studio.guard import Guard
from mycaffe_py.studio.state import Studio

_SCRIPT = re.compile(r"(pages/)?[a-z_]+\.js")
_ROUTES = "mycaffe_py.studio.routes"
# These need the compiler of nets or numba, whose import takes longer than all the rest.
_HEAVY = frozenset({"compare", "map", "pairs", "project", "test_many", "texts"})


def make_app(studio: Studio, port: int, token: str) -> ASGIApp:
    """The application of `studio`, served on `port`; `token` lets the user in."""
    names = {found.name for found in iter_modules(import_module(_ROUTES).__path__)}
    app = Starlette(
        routes=[
            *_routes(names - _HEAVY),
            Route("/api/{rest:path}", _Later(_HEAVY)),
            Route("/static/bundle/{name:path}", _bundle),
            Mount("/static", StaticFiles(directory=PAGE)),
            # Every other address is a page; which one, its script tells by the address.
            Route("/{rest:path}", _page),
        ],
        exception_handlers={Exception: _broken},
    )
    app.state.studio = studio
    return Guard(app, port, token)


def load_heavy() -> None:
    """Load what the first page can do without; it stays, and is not searched for garbage."""
    _routes(_HEAVY)
    gc.freeze()


class _Later:
    """Answers by routes whose modules are loaded when the first of them is asked for."""

    def __init__(self, names: Collection[str]) -> None:
        """`names` are those of the modules."""
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        routes = await run_in_threadpool(_routes, self._names)
        unknown = Route("/api/{rest:path}", _unknown, methods=["GET", "POST", "PUT"])
        await Router([*routes, unknown])(scope, receive, send)


def _routes(names: Collection[str]) -> list[BaseRoute]:
    modules = [import_module(f"{_ROUTES}.{name}") for name in sorted(names)]
    return [route for module in modules for route in module.ROUTES]


async def _page(request: Request) -> Response:
    return FileResponse(PAGE / "index.html", media_type="text/html")


async def _bundle(request: Request) -> Response:
    """A page's modules in one file; a browser that has it already is only told so."""
    name = request.path_params["name"]
    if not _SCRIPT.fullmatch(name) or not (PAGE / name).is_file():
        return PlainTextResponse("There is no such script.\n", status_code=404)
    content = (await run_in_threadpool(bundled, name)).encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content, compresslevel=5, mtime=0)
    return Response(content, media_type="text/javascript", headers=headers)


async def _unknown(request: Request) -> Response:
    return error_answer(UserError("the studio has no such answer", do="Reload the page."))


async def _broken(request: Request, error: Exception) -> Response:
    """A fault of the studio itself; uvicorn's log holds the rest."""
    found = f"the studio failed: {type(error).__name__}: {error}"
    return json_answer({"error": UserError(found).as_json()}, BROKEN)
