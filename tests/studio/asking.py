"""Requests to an ASGI application without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp, Message

from mycaffe_py.studio.app import make_app
from mycaffe_py.studio.guard import cookie_name
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace

_PORT = 8610


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def ask(
    app: ASGIApp, path: str, headers: dict[str, str], method: str = "GET", body: bytes = b""
) -> Answered:
    """The answer to one request; `path` may have a query, an empty header is left as it is."""
    place, _, query = path.partition("?")
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http",
        "path": place, "raw_path": quote(place).encode(), "root_path": "",
        "query_string": query.encode(), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8610),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    sent: list[Message] = []
    pieces = [body[i : i + 65536] for i in range(0, len(body), 65536)] or [b""]

    async def receive() -> Message:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], found, content)


def client(folder: Path) -> Callable[..., Answered]:
    """What the pages of a studio of `folder` ask: client(folder)("POST", path, name="value")."""
    workspace = Workspace.at(folder)
    studio = Studio(workspace, Jobs(workspace.own / "jobs", workspace.root))
    app = make_app(studio, _PORT, "token")
    headers = {
        "host": f"127.0.0.1:{_PORT}", "content-type": "application/json",
        "cookie": f"{cookie_name(_PORT)}=token",
    }  # fmt: skip

    def asked(method: str, path: str, **values: Any) -> Answered:
        if method == "GET":
            return ask(app, f"{path}?{urlencode(values)}", headers)
        return ask(app, path, headers, method, json.dumps(values).encode())

    return asked
