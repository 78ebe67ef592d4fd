"""How soon the studio answers, what its pages ask for, what it holds, and what it costs a training.

    python -m tests.benchmarks.studio_server [--repeats 5]

Chromium and chromedriver have to be there. The pages are those of tests/studio/test_size.py, which
holds the goals. A training's speed is that of the tutorial's net on digits28, with and without a
studio whose page shows the run live, turn by turn.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from mycaffe_py.evaluate.timing.machine import this_machine
from tests.studio.conftest import Page, Served, address_of, browser
from tests.studio.test_size import PAGES, RUN, loaded, memory_mb, train

_ITERATIONS = 600
_TIME = re.compile(r"(\d+) iterations in ([\d.]+) s")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as place:
        environment = {
            **os.environ, "MYCAFFE_DATA": f"{place}/data", "MYCAFFE_OFFLINE": "1",
        }  # fmt: skip
        folder = Path(place, "nets")
        folder.mkdir()
        train(folder, environment)
        print(f"{this_machine()}")
        starts = [_answers(folder, environment) for _ in range(repeats)]
        print(f"answers: median {statistics.median(starts):.2f} s of {repeats}")
        _pages(folder, environment, Path(place))
        _slowed(folder, environment, Path(place), repeats)


def _begin(folder: Path, environment: dict[str, str]) -> Served:
    process = subprocess.Popen(
        [sys.executable, "-m", "mycaffe_py", "studio", str(folder), "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    )  # fmt: skip
    return Served(folder, address_of(process), process)


def _end(served: Served) -> None:
    served.process.terminate()
    served.process.communicate(timeout=20)


def _answers(folder: Path, environment: dict[str, str]) -> float:
    """From the command to the answer that the home page shows."""
    began = time.perf_counter()
    served = _begin(folder, environment)
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    visitor.open(served.address).read()
    visitor.open(f"{served.base}/api/home").read()
    seconds = time.perf_counter() - began
    _end(served)
    return seconds


def _pages(folder: Path, environment: dict[str, str], place: Path) -> None:
    served = _begin(folder, environment)
    print(f"memory at the start: {memory_mb(served.process.pid):.0f} MB")
    with browser(place / "pages") as driver:
        page = Page(driver, served)
        for address in PAGES:
            found = loaded(page, address)
            paint = f"{found['paint']:4.0f} ms to the first paint"
            print(f"{found['requests']:3} requests {found['bytes']:8,} bytes {paint}  {address}")
    print(f"memory after all pages, without what asks nets: {memory_mb(served.process.pid):.0f} MB")
    _end(served)


def _slowed(folder: Path, environment: dict[str, str], place: Path, repeats: int) -> None:
    """The time of a training beside a page that shows it, against that of one alone."""
    alone, watched = [], []
    for _ in range(repeats):
        alone.append(_training(folder, environment))
        served = _begin(folder, environment)
        with browser(place / "watched") as driver:
            page = Page(driver, served)
            page.open(f"/run/{RUN}")
            page.sees(RUN)
            # What it loads behind the first page is loaded by then.
            time.sleep(4)
            watched.append(_training(folder, environment))
        _end(served)
    share = statistics.median(watched) / statistics.median(alone) - 1
    print(json.dumps({"alone_s": alone, "watched_s": watched}))
    print(f"a page that shows a training slows it by {100 * share:.1f} %, medians of {repeats}")


def _training(folder: Path, environment: dict[str, str]) -> float:
    words = ["train", "--solver=siamese_28x28.solver", f"--iterations={_ITERATIONS}", "--seed=1"]
    command = [sys.executable, "-m", "mycaffe_py", *words, "--set=solver.test_interval=1000"]
    done = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    found = _TIME.search(done.stdout)
    assert found, done.stdout
    return float(found[2])


if __name__ == "__main__":
    main()
