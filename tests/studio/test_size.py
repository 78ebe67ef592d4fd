"""How much a page asks for, how soon it is there, and what the server takes; times with a margin.

`python -m tests.benchmarks.studio_server` prints the same figures.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.proto.templates import template_path
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
MOST_REQUESTS, MOST_BYTES = 20, 150_000
FIRST_PAINT_S, DRAWN_S, MEMORY_MB = 0.5, 0.35, 150
# A machine of many tests is not a quiet one.
MARGIN = 3
RUN = "snapshots/siamese_28x28"
PAGES = (
    "/", "/new", "/new/pictures", "/new/old", "/models", "/model/siamese_28x28.prototxt",
    "/solver/siamese_28x28.solver", "/runs", f"/run/{RUN}", f"/run/{RUN}/try", f"/run/{RUN}/test",
    f"/run/{RUN}/map", f"/compare?run={RUN}", "/rank", "/data", "/data/digits28",
)  # fmt: skip
_LOADED = """
const page = performance.getEntriesByType("navigation")[0];
const rest = performance.getEntriesByType("resource");
const plain = rest.filter((one) => !one.contentType.startsWith("image/png"));
return {
  requests: 1 + rest.length,
  bytes: [page, ...plain].reduce((sum, one) => sum + one.transferSize, 0),
  paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
};
"""


def train(folder: Path, environment: dict[str, str]) -> None:
    """The tutorial's net, a few iterations, tested: every page has something to show."""
    for kind, ending in (("model", "prototxt"), ("solver", "solver")):
        path = template_path(kind, "siamese_28x28")  # type: ignore[arg-type]
        shutil.copy(path, folder / f"siamese_28x28.{ending}")
    sets = [f"--set=solver.{one}" for one in ("display=5", "test_interval=20", "test_iter=2")]
    for words in (
        ["train", "--solver=siamese_28x28.solver", "--iterations=20", "--film", "--seed=1", *sets],
        ["test-many", f"--snapshot={RUN}_iter_20.caffemodel", "--record"],
    ):
        command = [sys.executable, "-m", "mycaffe_py", *words]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


def loaded(page: Page, address: str) -> dict[str, Any]:
    """What a page asked for when nothing of it was there yet, until it asks for no more."""
    page.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    page.open(address)
    seen: list[Any] = []

    def quiet() -> bool:
        seen.append(page.driver.execute_script(_LOADED))
        return len(seen) > 20 and all(one == seen[-1] for one in seen[-10:])

    page.until(quiet, f"the end of what {address} asks for")
    found: dict[str, Any] = seen[-1]
    return found


def memory_mb(pid: int) -> float:
    """What a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def test_pages_are_small_and_soon_there(page: Page, environment: dict[str, str]) -> None:
    train(page.studio.folder, environment)
    for address in PAGES:
        found = loaded(page, address)
        assert "could not be shown" not in page.text
        assert found["requests"] <= MOST_REQUESTS, (address, found)
        assert found["bytes"] <= MOST_BYTES, (address, found)
        assert found["paint"] / 1000 <= MARGIN * FIRST_PAINT_S, (address, found)
    if sys.platform == "linux":
        assert memory_mb(page.studio.process.pid) <= MEMORY_MB


def test_an_event_is_soon_drawn_and_twenty_are_small(page: Page) -> None:
    diary = page.studio.folder / "one.events.jsonl"
    begun = {"kind": "begin", "iteration": 0, "max_iter": 1000, "pid": 1, "start": "", "host": "x"}
    diary.write_text(json.dumps(begun) + "\n")
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.open("/run/one")
    page.sees("0 of 1,000")
    page.driver.execute_script(_WATCH)
    waits = []
    with diary.open("a") as file:
        for number in range(1, 21):
            page.driver.execute_script("window.wrote = performance.now()")
            row = {"kind": "display", "iteration": number, "loss": 1 / number, "rate": 0.01}
            file.write(json.dumps(row) + "\n")
            file.flush()
            page.until(lambda n=number: page.driver.execute_script(f"return window.drawn[{n}]"))
            waits.append(page.driver.execute_script(f"return window.drawn[{number}]") / 1000)
    assert sorted(waits)[10] <= MARGIN * DRAWN_S, waits
    heard = page.driver.execute_script("return window.heard")
    assert 0 < heard < 5000


# When the figure of each iteration stood in the page, and how many bytes the stream sent for it.
_WATCH = """
window.drawn = {};
window.heard = 0;
const figures = document.querySelector(".figures");
new MutationObserver(() => {
  const found = figures.textContent.match(/([0-9]+) of 1,000/);
  if (found) window.drawn[+found[1]] ??= performance.now() - window.wrote;
}).observe(figures, {childList: true, subtree: true, characterData: true});
const stream = new EventSource("/api/live?runs=one&films=&logs=");
let first = true;
stream.onmessage = (event) => {
  if (!first) window.heard += event.data.length + 8;
  first = JSON.parse(event.data).kind === "events" && first ? false : first;
};
"""
