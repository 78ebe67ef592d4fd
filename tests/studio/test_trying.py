"""What the try page may ask, and the command behind it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette")

from mycaffe_py.studio.app import make_app
from mycaffe_py.studio.asked.given import plain_name
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.guard import cookie_name
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace
from tests.studio.asking import Answered, ask

PORT, TOKEN = 8610, "token"
Post = Callable[..., Answered]


@pytest.fixture
def folder(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with one run, whose weights are gone."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "nets" / "snapshots")
    (tmp_path / "nets" / "snapshots" / siamese_snapshot.name).unlink()
    return tmp_path / "nets"


@pytest.fixture
def post(folder: Path) -> Iterator[Post]:
    """Sends JSON to the page's address."""
    workspace = Workspace.at(folder)
    studio = Studio(workspace, Jobs(workspace.own / "jobs", workspace.root))
    app = make_app(studio, PORT, TOKEN)
    headers = {
        "Host": f"127.0.0.1:{PORT}", "Content-Type": "application/json",
        "Cookie": f"{cookie_name(PORT)}={TOKEN}",
    }  # fmt: skip

    def send(**body: object) -> Answered:
        return ask(app, "/api/ask", headers, "POST", json.dumps(body).encode())

    yield send
    studio.workers.close()
    studio.jobs.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"do": "eval", "run": "snapshots/small"}, "a net is not asked 'eval'"),
        ({"do": "ask"}, "no file of this studio"),
        ({"do": "ask", "run": "../small"}, "no file of this studio"),
        ({"do": "ask", "run": "snapshots/none"}, "there is no run 'snapshots/none'"),
        ({"do": "ask", "run": "snapshots/small", "iteration": "7"}, "has no such snapshot"),
        ({"do": "ask", "run": "snapshots/small"}, "'small_iter_150.caffemodel' are not there"),
    ],
)
def test_what_cannot_be_asked_is_told_without_a_process(
    post: Post, asked: dict[str, object], found: str
) -> None:
    answer = post(**asked)
    assert answer.status == 400
    assert found in answer.json["error"]["found"]


def test_the_threshold_is_found_by_the_public_command(folder: Path) -> None:
    weights = folder / "snapshots" / "small_iter_150.caffemodel"
    weights.write_bytes(b"")
    asked = {"run": "snapshots/small", "iteration": "150"}
    assert command_of(Workspace.at(folder), "threshold", asked) == [
        "threshold", "--snapshot=./snapshots/small_iter_150.caffemodel",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("seven.png", "seven.png"), ("../../etc/passwd", "passwd"), ("C:\\a\\b.png", "b.png"),
        (None, "drawing"), ("", "drawing"), ("..", ".."), ("a\nb\0.png", "ab.png"),
        ("x" * 300 + ".png", "x" * 76 + ".png"), ("日本.png", "日本.png"),
    ],
)  # fmt: skip
def test_a_file_is_called_by_its_last_part(sent: object, kept: str) -> None:
    assert plain_name(sent) == kept
