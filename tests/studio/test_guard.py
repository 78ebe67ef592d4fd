"""Nobody but the user's own pages gets an answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

pytest.importorskip("starlette")

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from mycaffe_py.studio.app import make_app
from mycaffe_py.studio.guard import MOST_BYTES, Guard, TooLargeError, cookie_name, new_token
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace
from tests.studio.asking import Answered, ask

PORT = 8610
TOKEN = new_token()
SECRET = "the answer"
OURS = f"127.0.0.1:{PORT}"
PATHS = ("/", "/api/workspace", "/static/app.js")
HOSTS = (
    "evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", f"0.0.0.0:{PORT}",
    f"127.0.0.1.evil.example:{PORT}", f"localhost.evil.example:{PORT}", "", f"[::2]:{PORT}",
)  # fmt: skip
ORIGINS = (
    "http://evil.example", "null", f"https://{OURS}", "http://127.0.0.1", "http://localhost:80",
    f"http://{OURS}.evil.example", "file://",
)  # fmt: skip
COOKIES = ("", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.swapcase())


async def _answer(request: Request) -> PlainTextResponse:
    await request.body()
    return PlainTextResponse(SECRET)


_APP = Starlette(routes=[Route("/{rest:path}", _answer, methods=["GET", "POST", "PUT"])])


def _ask(path: str, headers: dict[str, str], method: str = "GET", body: bytes = b"") -> Answered:
    return ask(Guard(_APP, PORT, TOKEN), path, headers, method, body)


def _headers(cookie: str = TOKEN, **more: str) -> dict[str, str]:
    given = {"cookie": f"{cookie_name(PORT)}={cookie}"} if cookie else {}
    return {"host": OURS, **given, **{name.replace("_", "-"): more[name] for name in more}}


HOSTILE = [
    *[(path, _headers(host=host)) for path, host in itertools.product(PATHS, HOSTS)],
    *[(path, _headers(origin=origin)) for path, origin in itertools.product(PATHS, ORIGINS)],
    *[(path, _headers(cookie)) for path, cookie in itertools.product(PATHS, COOKIES)],
    *[(path, _headers(sec_fetch_site="cross-site")) for path in PATHS],
    *[(f"{path}?token={token}", _headers("")) for path in PATHS for token in ("", "wrong")],
]

# Of the user's own browser, with the key, but out of the folder, or in a form that changes nothing.
_JSON = {"content_type": "application/json"}
_KINDS = ("text/plain", "text/html", "multipart/form-data", "application/x-www-form-urlencoded",
          "application/json-patch", "application/jsonx", "json", "")  # fmt: skip
_OUT = ("../secret.prototxt", "..%2fsecret.prototxt", "%2e%2e/secret.prototxt", "/etc/passwd",
        "..\\secret.prototxt", "a/../../secret.prototxt", "secret.prototxt%00", "link.prototxt",
        "./../secret.prototxt", "%252e%252e%252fsecret.prototxt", ".hidden.prototxt",
        "file:///etc/passwd", "linked/secret.prototxt", "//etc/passwd", "secret.txt")  # fmt: skip
_STATIC = ("../guard.py", "..%2fguard.py", "%2e%2e%2fguard.py", "..%5cguard.py", "/etc/passwd",
           "pages/../../guard.py", "%252e%252e/guard.py", "app.js%00.py", "..;/a.py")  # fmt: skip
_ROUTES = ("/api/text?name={}", "/api/run?run={}", "/api/film?run={}", "/api/live?runs={}",
           "/api/answers?run={}", "/api/pairs/{}", "/api/data/places?path={}")  # fmt: skip


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    """A real studio's application, beside a text and a run that are not in its folder."""
    outside = tmp_path_factory.mktemp("outside")
    folder = outside / "nets"
    folder.mkdir()
    for place in (outside, folder):
        for name in ("secret.prototxt", ".hidden.prototxt", "secret.txt", "secret.events.jsonl"):
            if place is outside or not name.startswith("secret.p"):
                (place / name).write_text(SECRET)
    (folder / "link.prototxt").symlink_to(outside / "secret.prototxt")
    (folder / "linked").symlink_to(outside)
    workspace = Workspace.at(folder)
    jobs = Jobs(workspace.own / "jobs", workspace.root)
    made = Studio(workspace, jobs)
    yield make_app(made, PORT, TOKEN)
    jobs.close()


@pytest.mark.parametrize("name", _OUT)
@pytest.mark.parametrize("route", _ROUTES)
def test_no_name_leads_out_of_the_folder(studio: ASGIApp, route: str, name: str) -> None:
    answer = ask(studio, route.format(name), _headers())
    assert answer.status in (400, 404), answer.text
    assert SECRET not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("name", _STATIC)
def test_no_file_beside_those_of_the_page_is_served(studio: ASGIApp, name: str) -> None:
    for path in (f"/static/{name}", f"/static/{unquote(name)}"):
        answer = ask(studio, path, _headers())
        assert "class Guard" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nothing_is_changed_but_by_json(studio: ASGIApp, method: str, kind: str) -> None:
    headers = _headers(content_type=kind)
    for path in ("/api/job", "/api/text", "/api/data/remove", "/api/run/stop"):
        assert ask(studio, path, headers, method, b"{}").status == 415


@pytest.mark.parametrize(
    "body", [b"[]", b"1", b"null", b'"a"', b"{", b"\xff\xfe", b"[" * 200_000, b'{"do": 3}', b"NaN"]
)
def test_json_of_another_shape_is_refused(studio: ASGIApp, body: bytes) -> None:
    for path in ("/api/job", "/api/check", "/api/edit", "/api/ask", "/api/reproduce"):
        assert ask(studio, path, _headers(**_JSON), "POST", body).status == 400


def test_a_length_that_is_a_lie_is_refused(studio: ASGIApp) -> None:
    for length in ("-1", "1e3", "\u0663", str(MOST_BYTES + 1), "9" * 40, "0x10"):
        headers = _headers(content_length=length, **_JSON)
        assert ask(studio, "/api/job", headers, "POST", b"{}").status == 413


def test_a_text_is_not_written_outside(studio: ASGIApp) -> None:
    for name in (name for name in _OUT if not name.startswith("%252e")):
        body = json.dumps({"name": unquote(name), "content": "x", "version": ""}).encode()
        assert ask(studio, "/api/text", _headers(**_JSON), "PUT", body).status == 400


@pytest.mark.parametrize(("path", "headers"), HOSTILE)
def test_a_stranger_gets_no_answer(path: str, headers: dict[str, str]) -> None:
    answer = _ask(path, headers)
    assert answer.status in (401, 403, 421)
    assert SECRET not in answer.text and TOKEN not in answer.text


def test_there_are_enough_strangers() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("host", [OURS, f"localhost:{PORT}", f"[::1]:{PORT}"])
def test_the_user_gets_one(host: str) -> None:
    answer = _ask("/", _headers(host=host, origin=f"http://{host}"))
    assert answer.text == SECRET


def test_the_printed_address_lets_in_and_leaves_the_address() -> None:
    answer = _ask(f"/run/a?token={TOKEN}&x=1", _headers(""))
    assert answer.status == 303 and answer.headers["location"] == "/run/a?x=1"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and TOKEN in cookie


def test_the_way_on_stays_on_this_machine() -> None:
    answer = _ask(f"//evil.example/?token={TOKEN}", _headers(""))
    assert answer.headers["location"] == "/evil.example/"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", None])
def test_a_form_changes_nothing(kind: str | None) -> None:
    headers = _headers(**({"content_type": kind} if kind is not None else {}))
    assert _ask("/api/job", headers, "POST", b"{}").status == 415


def test_json_may_change_something() -> None:
    headers = _headers(content_type="application/json; charset=utf-8")
    assert _ask("/api/job", headers, "POST", b"{}").text == SECRET


def test_too_much_is_refused() -> None:
    headers = _headers(content_type="application/json", content_length=str(MOST_BYTES + 1))
    assert _ask("/api/job", headers, "POST").status == 413


def test_too_much_without_a_length_is_not_read() -> None:
    headers = _headers(content_type="application/json")
    with pytest.raises(TooLargeError):
        _ask("/api/job", headers, "POST", b" " * (MOST_BYTES + 1))


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(method: str) -> None:
    assert _ask("/", _headers(), method).status == 405


def test_every_answer_is_framed_by_nobody() -> None:
    for answer in (_ask("/", _headers()), _ask("/", {})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
