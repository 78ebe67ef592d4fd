"""From a function to a route: JSON in, JSON out, errors in their fixed parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.studio.guard import TooLargeError
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import ChangedError

# What a page asked: names in the path, what stands behind "?", and the JSON it sent.
Asked = dict[str, Any]
Answer = Callable[[Studio, Asked], Any]
BAD, CHANGED, BROKEN, LARGE = 400, 409, 500, 413


def asks(path: str, function: Answer) -> Route:
    """GET `path` is answered by `function`; it runs in a thread, so it may take its time."""
    return Route(path, _endpoint(function), methods=["GET"])


def does(path: str, function: Answer, method: str = "POST") -> Route:
    """POST `path` is answered by `function`, which may change something."""
    return Route(path, _endpoint(function), methods=[method])


def json_answer(value: Any, status: int = 200) -> Response:
    """`value` as JSON any reader understands."""
    return Response(dumps(value), status_code=status, media_type="application/json")


def error_answer(error: MyCaffeError) -> Response:
    """An error in its parts."""
    status = CHANGED if isinstance(error, ChangedError) else BAD
    return json_answer({"error": error.as_json()}, BROKEN if error.exit_code == 1 else status)


def _endpoint(function: Answer) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            asked = await _asked(request)
            answer = await run_in_threadpool(function, request.app.state.studio, asked)
        except MyCaffeError as error:
            return error_answer(error)
        except TooLargeError:
            return json_answer({"error": UserError("this is too much at once").as_json()}, LARGE)
        return answer if isinstance(answer, Response) else json_answer(answer)

    return endpoint


async def _asked(request: Request) -> Asked:
    asked: Asked = {**request.query_params, **request.path_params}
    if request.method in ("POST", "PUT"):
        try:
            content = json.loads(await request.body() or b"{}")
        except (ValueError, RecursionError) as error:
            raise UserError("the page sent something that is no JSON", do="Reload it.") from error
        if not isinstance(content, dict):
            raise UserError("the page sent JSON of another shape", do="Reload it.")
        asked = {**asked, **content, **request.path_params}
    return asked


def word(asked: Asked, name: str, default: str | None = None) -> str:
    """A text that the page must have sent. Errors: it did not, and there is no `default`."""
    value = asked.get(name, default)
    if not isinstance(value, str):
        raise UserError(f"the page sent no '{name}'", do="Reload it.")
    return value


def whole(asked: Asked, name: str, default: int | None = None) -> int:
    """A whole number that the page must have sent, also as digits."""
    value = asked.get(name, default)
    if isinstance(value, str) and value.isascii() and value.lstrip("-").isdigit():
        value = int(value[:20])
    if not isinstance(value, int) or isinstance(value, bool):
        raise UserError(f"the page sent no number '{name}'", do="Reload it.")
    return value
