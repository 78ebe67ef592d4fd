"""Nets that are asked by a process of their own: crashes, newer questions, how many are kept."""

from __future__ import annotations

import base64
import io
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from mycaffe_py.cli.main import main
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.studio.worker import Workers
from mycaffe_py.studio.worker_process import DROPPED

pytestmark = pytest.mark.slow
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def weights(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A run of its own, so that what is enrolled stays here."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path / "snapshots" / siamese_snapshot.name


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    made = Workers(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ask(workers: Workers, weights: Path) -> Ask:
    """Asks the net of the run."""

    def asks(do: str, page: str = "", **values: Any) -> dict[str, Any]:
        return workers.ask(weights, {"do": do, **values}, page)

    return asks


def drawn(points: list[tuple[int, int]], size: int = 280) -> bytes:
    """A PNG of a line of light ink on dark."""
    picture = Image.new("L", (size, size))
    ImageDraw.Draw(picture).line(points, fill=255, width=size // 12)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


SEVEN = drawn([(80, 60), (200, 60), (130, 230)])


def sent(raw: bytes, name: str = "drawing.png") -> dict[str, str]:
    return {"data": base64.b64encode(raw).decode(), "name": name}


def test_the_answer_is_that_of_the_command(
    ask: Ask, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    (tmp_path / "seven.png").write_bytes(SEVEN)
    assert (
        main(["identify", str(tmp_path / "seven.png"), "--snapshot", str(weights), "--json"]) == 0
    )
    (told,) = json.loads(capsys.readouterr().out)
    found = ask("ask", **sent(SEVEN))
    assert dict(found["ranking"]) == told["distances"]
    assert (found["label"], found["unknown"], found["limit"]) == (
        told["label"], told["unknown"], told["threshold"],
    )  # fmt: skip
    assert found["done"] == told["done"] == ["brought from 280x280 to 28x28"]


def test_a_picture_is_placed_where_the_map_has_its_like(ask: Ask, workers: Workers) -> None:
    assert ask("ask", **sent(SEVEN))["place"] is None
    told = ask("map")
    assert told["width"] == 3 and len(told["labels"]) == 360
    assert len(base64.b64decode(told["points"])) == 360 * 3 * 4
    assert told["source"] == "digits28.testing"
    found = ask("ask", **sent(SEVEN))["place"]
    assert len(found) == 3
    os.kill(workers.pids[0], signal.SIGTERM)
    with suppress(MyCaffeError):
        ask("about")
    again = ask("ask", map=True, **sent(SEVEN))["place"]
    assert again == found, "a new process makes the map that the page shows"


def test_each_layer_is_told_with_its_picture(ask: Ask) -> None:
    told = ask("inside", **sent(SEVEN))
    by_blob = {one["blob"]: one for one in told["layers"]}
    assert by_blob["data"]["shape"] == [1, 28, 28] and by_blob["feat"]["shape"] == [8]
    assert len(by_blob["feat"]["numbers"]) == 8
    assert all(one["picture"].startswith("data:image/png;base64,") for one in told["layers"])
    assert told["filters"] is None, "an InnerProduct of pixels has no filters that are pictures"


def test_a_class_is_enrolled_found_and_removed_as_by_the_command(
    ask: Ask, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cross = sent(drawn([(40, 40), (240, 240), (140, 140), (40, 240), (240, 40)]), "my cross.png")
    ask("map")
    told = ask("enroll", label="cross", **cross)
    assert [one["label"] for one in told["enrolled"]] == ["cross"]
    assert len(told["enrolled"][0]["place"]) == 3
    assert ask("ask", **cross)["label"] == "cross"
    assert main(["enroll", "--list", "--snapshot", str(weights)]) == 0
    assert "my cross.png" in capsys.readouterr().out
    assert main(["enroll", "--remove", "cross", "--snapshot", str(weights)]) == 0
    assert ask("about")["enrolled"] == [], "what a command changes is seen at once"
    with pytest.raises(MyCaffeError, match="no class 'cross'"):
        ask("remove", label="cross")
    with pytest.raises(MyCaffeError, match="trained on"):
        ask("enroll", label="7", **cross)


@pytest.mark.parametrize(
    ("raw", "name", "found"),
    [
        (b"", "empty.png", "'empty.png' is an empty file"),
        (b"hello", "../../etc/words.png", "'words.png' cannot be read as a picture"),
        (b"a,b\n1,2\n", "w.csv", "'w.csv' is a sheet of counters"),
        (drawn([], 28), "blank.png", "'blank.png' is empty"),
        (SEVEN[:200], "cut.png", "'cut.png' cannot be read as a picture"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_own_name(
    ask: Ask, raw: bytes, name: str, found: str
) -> None:
    with pytest.raises(MyCaffeError) as caught:
        ask("ask", **sent(raw, name))
    assert found in caught.value.as_json()["found"]
    assert "/tmp" not in str(caught.value.as_json())
    assert ask("ask", **sent(SEVEN))["ranking"]


def test_a_picture_of_very_many_pixels_is_not_decoded(ask: Ask) -> None:
    file = io.BytesIO()
    Image.new("1", (5000, 4000)).save(file, "PNG")
    with pytest.raises(MyCaffeError, match="5000x4000 pixels are more than 16 million"):
        ask("ask", **sent(file.getvalue()))


@pytest.mark.skipif(os.name == "nt", reason="signals as on other systems")
def test_a_crash_costs_one_answer(ask: Ask, workers: Workers) -> None:
    ask("about")
    (first,) = workers.pids
    # A net that stands still and then dies while it is asked.
    os.kill(first, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (first, signal.SIGKILL)).start()
    with pytest.raises(MyCaffeError, match="has ended"):
        ask("ask", **sent(SEVEN))
    assert ask("ask", **sent(SEVEN))["ranking"]
    assert workers.pids != [first]


@pytest.mark.skipif(os.name == "nt", reason="signals as on other systems")
def test_of_one_page_only_the_newest_question_waits(ask: Ask, workers: Workers) -> None:
    ask("about")
    (process,) = workers.pids
    os.kill(process, signal.SIGSTOP)
    answers: dict[str, dict[str, Any]] = {}

    def asks(name: str, page: str) -> None:
        answers[name] = ask("ask", page, **sent(SEVEN))

    threads = []
    for name, page in (("asked", "a"), ("old", "a"), ("other", "b"), ("new", "a")):
        threads.append(threading.Thread(target=asks, args=(name, page)))
        threads[-1].start()
        time.sleep(0.05)
    threads[1].join(10)
    assert answers == {"old": DROPPED}, "dropped while the net is still busy"
    os.kill(process, signal.SIGCONT)
    for thread in threads:
        thread.join(10)
    assert all(answers[name].get("ranking") for name in ("asked", "other", "new"))


def test_a_third_net_ends_the_one_longest_not_asked(
    weights: Path, workers: Workers, tmp_path: Path
) -> None:
    paths = [weights]
    for number in (1, 2):
        shutil.copytree(weights.parent, tmp_path / f"more{number}")
        paths.append(tmp_path / f"more{number}" / weights.name)
    for path in paths[:2]:
        workers.ask(path, {"do": "about"})
    workers.ask(paths[0], {"do": "about"})
    second, first = workers.pids
    workers.ask(paths[2], {"do": "about"})
    kept = workers.pids
    assert len(kept) == 2 and kept[0] == first and second not in kept


def test_a_net_that_nobody_asks_ends(weights: Path, tmp_path: Path) -> None:
    workers = Workers(tmp_path, idle_s=0.2)
    assert workers.ask(weights, {"do": "about"})["kind"] == "picture"
    end = time.monotonic() + 10
    while workers.pids and time.monotonic() < end:
        time.sleep(0.02)
    assert workers.pids == []
    workers.close()


def test_a_snapshot_that_cannot_be_opened_says_why_and_leaves_no_process(
    weights: Path, workers: Workers
) -> None:
    weights.write_bytes(b"no weights")
    with pytest.raises(MyCaffeError) as caught:
        workers.ask(weights, {"do": "about"})
    assert weights.name in caught.value.as_json()["found"]
    assert workers.pids == []
    weights.unlink()
    with pytest.raises(UserError, match="is not there any more"):
        workers.ask(weights, {"do": "about"})


def test_each_kind_of_net_says_by_what_it_names(
    ask: Ask, workers: Workers, classifier_snapshot: Path
) -> None:
    """A net with Decode by its centroids; a classifier by means of outputs, with its own scores."""
    by_centroids = ask("about")["way"]
    assert by_centroids.startswith("Layer 'decode' names the class whose centroid is nearest")
    assert "1,437 items of digits28.training" in by_centroids
    assert ask("ask", **sent(SEVEN))["scores"] is None
    told = workers.ask(classifier_snapshot, {"do": "about"})
    assert "The net is a classifier: layer 'loss' gives each class a score." in told["way"]
    found = workers.ask(classifier_snapshot, {"do": "ask", **sent(SEVEN)})
    assert sorted(found["scores"]) == sorted(told["classes"])
    assert sum(found["scores"].values()) == pytest.approx(1, abs=1e-5)
