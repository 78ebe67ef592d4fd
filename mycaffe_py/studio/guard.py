"""Who may ask the studio, and what: every request passes here first.

A web page from anywhere can make a browser send requests to this machine. None of them gets an
answer: the host must be this machine by name (against DNS rebinding), the origin must be ours, the
cookie must hold the token that only the printed address had, and what changes something must be
JSON, which no foreign form can send.
"""

from __future__ import annotations

from http import HTTPStatus
from secrets import compare_digest, token_urlsafe
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 << 20
_TOKEN_BYTES = 32
_READING, _WRITING = ("GET", "HEAD"), ("POST", "PUT")
# Nothing but what the studio itself serves is run, shown or asked; no other page may frame it.
_POLICY = "; ".join(
    [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
        "connect-src 'self'", "font-src 'self'", "worker-src 'self'", "form-action 'none'",
        "frame-ancestors 'none'", "base-uri 'none'",
    ]
)  # fmt: skip
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class TooLargeError(Exception):
    """A request's body is longer than MOST_BYTES."""


class Guard:
    """ASGI middleware; `token` is the secret of this start of the studio."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        """`port` is the one it is served on: a host or an origin with another one is a stranger."""
        self._app = app
        self._token = token
        self._cookie = cookie_name(port)
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer strangers; let the user's requests through, with headers for each answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refused = self._refusal(scope)
        if refused is not None:
            await _guarded(refused)(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), _with_headers(send, scope["path"]))

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer for who may not ask this, None for the user."""
        headers = Headers(scope=scope)
        if headers.getlist("host") == [] or any(
            host not in self._hosts for host in headers.getlist("host")
        ):
            return _words(421, "This is the studio of another address.")
        origins = headers.getlist("origin")
        if any(origin not in self._origins for origin in origins):
            return _words(403, "Another page may not ask the studio.")
        method = scope["method"]
        if method not in (*_READING, *_WRITING):
            return _words(405, "The studio knows GET, POST and PUT.")
        entered = self._entry(scope)
        if entered is not None:
            return entered
        if not self._is_known(headers):
            return _words(401, "Open the address that 'mycaffe studio' printed: it holds the key.")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return _words(403, "Another page may not ask the studio.")
        if method in _WRITING:
            return _wrong_content(headers)
        return None

    def _entry(self, scope: Scope) -> Response | None:
        """The user's first request brings the token: keep it in a cookie, out of the address."""
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in pairs if name == "token"]
        if scope["method"] not in _READING or not given:
            return None
        if not all(compare_digest(value.encode(), self._token.encode()) for value in given):
            return _words(401, "This key is not the one of the studio that runs now.")
        rest = urlencode([pair for pair in pairs if pair[0] != "token"])
        # One slash: with two a browser would take the path for another host.
        path = "/" + quote(scope["path"].lstrip("/"))
        answer = RedirectResponse(path + (f"?{rest}" if rest else ""), status_code=303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _is_known(self, headers: Headers) -> bool:
        given = [
            value
            for line in headers.getlist("cookie")
            for name, value in cookie_parser(line).items()
            if name == self._cookie
        ]
        return bool(given) and all(
            compare_digest(value.encode(), self._token.encode()) for value in given
        )


def new_token() -> str:
    """A secret for one start of the studio."""
    return token_urlsafe(_TOKEN_BYTES)


def cookie_name(port: int) -> str:
    """Cookies know no ports, so that two studios must not share a name."""
    return f"mycaffe_studio_{port}"


def _wrong_content(headers: Headers) -> Response | None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return _words(415, "The studio takes application/json.")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return _too_large()
    return None


def _too_large() -> Response:
    return _words(413, f"A request may have up to {MOST_BYTES >> 20} MB.")


def _words(status: int, text: str) -> Response:
    return PlainTextResponse(f"{HTTPStatus(status).phrase}: {text}\n", status_code=status)


def _bounded(receive: Receive) -> Receive:
    """A body without a told length is counted while it comes."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise TooLargeError
        return message

    return bounded


def _with_headers(send: Send, path: str) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            # What the pages are made of is asked again only when it changed (ETag).
            kept = "no-cache" if path.startswith("/static/") else "no-store"
            headers.setdefault("Cache-Control", kept)
        await send(message)

    return guarded


def _guarded(response: Response) -> Response:
    response.headers.update(_HEADERS)
    response.headers["Cache-Control"] = "no-store"
    return response
