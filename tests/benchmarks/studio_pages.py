"""What the studio's pages take in a browser: a large data set, a map of many points, a net asked.

python -m tests.benchmarks.studio_pages [--images 60000] [--points 10000], with chromium and
chromedriver. Everything is made in a folder that goes away: random images, a net that trains for
150 iterations, answers with random places. 60 events a second are written to the run's diary while
its map turns. The tests in tests/studio hold the same figures with a margin of 3.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.evaluate.answers import Answers, write_answers
from mycaffe_py.evaluate.timing.machine import this_machine
from mycaffe_py.snapshot.names import SnapshotFiles
from tests.conftest import SMALL_SIAMESE, train_small
from tests.studio import timing
from tests.studio.conftest import Page, Served, address_of, browser
from tests.studio.test_worker import SEVEN

RUN, EVENTS_PER_S = "snapshots/small", 60
ROUNDS = 5


def make(folder: Path, images: int, points: int) -> None:
    """A data set of `images`, and a run whose answers place `points` of them in space."""
    random = np.random.default_rng(3)
    pixels = random.integers(0, 256, (images, 1, 28, 28)).astype(np.uint8)
    labels = np.arange(images, dtype=np.int64) % 10
    source = make_source("MANY.training", pixels, labels)
    write_dataset(dataset_path("MANY"), "MANY", {"training": source})
    weights = train_small(folder, "small", SMALL_SIAMESE, "test_iter: 1 test_interval: 150")
    some = np.arange(points, dtype=np.int64)
    kept = Answers(
        source.name, source.checksum, some, labels[:points], labels[:points], np.arange(10),
        np.ones((points, 10), np.float32),
        random.standard_normal((points, 3)).astype(np.float32),
    )  # fmt: skip
    write_answers(SnapshotFiles.beside(weights.with_suffix(".run.json")), kept)


@contextmanager
def events(diary: Path) -> Iterator[None]:
    """Meanwhile a run tells its loss 60 times a second."""
    ended = threading.Event()

    def write() -> None:
        with diary.open("a") as file:
            for iteration in range(1000, 100_000):
                told = {"kind": "display", "iteration": iteration, "loss": 1 / iteration}
                file.write(f"{json.dumps(told)}\n")
                file.flush()
                if ended.wait(1 / EVENTS_PER_S):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    yield
    ended.set()
    writer.join()


def figures(page: Page, folder: Path, images: int) -> Iterator[tuple[str, str, str]]:
    """What is measured, the figure and the goal."""
    first = [timing.first_screen_ms(page, "MANY") for _ in range(ROUNDS)]
    yield f"{images:,} images: first screen", f"{statistics.median(first):.0f} ms", "1000 ms"
    rolled = timing.scrolled(page, 3)
    yield "while it rolls", f"{rolled['frames_per_s']:.0f} frames/s", "30 frames/s"
    yield "elements of pictures, at most", str(rolled["images"]), "40"
    places = [images * part // ROUNDS - 1 for part in range(ROUNDS, 0, -1)]
    jumps = [timing.jump_ms(page, place) for place in places]
    yield "jump to a picture", f"{statistics.median(jumps):.0f} ms", "300 ms"
    yield "net ready", f"{timing.ready_ms(page, RUN):.0f} ms", "3000 ms"
    page.sees("items of digits28.testing")
    asked = timing.asked_ms(page, RUN, SEVEN)
    yield "picture asked, median of 30", f"{statistics.median(asked):.1f} ms", "20 ms"
    page.open(f"/run/{RUN}/map")
    page.sees("items of MANY.training")
    painter = page.find(".scene").get_attribute("data-painter")
    still = timing.turned_per_s(page, 3)
    with events(folder / f"{RUN}.events.jsonl"):
        time.sleep(1)
        busy = timing.turned_per_s(page, 3)
    yield f"map turning ({painter})", f"{still:.0f} frames/s", ""
    yield f"with {EVENTS_PER_S} events/s", f"{busy:.0f} frames/s", "30 frames/s"
    problems = page.problems()
    yield "lines in the browser's log", str(len(problems)), "0"
    print(*problems, sep="\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--points", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        data, folder = Path(place) / "data", Path(place) / "nets"
        data.mkdir()
        folder.mkdir()
        os.environ |= {"MYCAFFE_DATA": str(data), "MYCAFFE_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
        make(folder, asked.images, asked.points)
        process = subprocess.Popen(
            [sys.executable, "-m", "mycaffe_py", "studio", str(folder), "--no-browser"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        driver = browser(Path(place) / "browser")
        try:
            page = Page(driver, Served(folder, address_of(process), process))
            print(f"{this_machine()}; load {os.getloadavg()[0]:.1f}")
            for what, figure, goal in figures(page, folder, asked.images):
                print(f"{what:36} {figure:>14}   {goal and f'goal {goal}'}", flush=True)
        finally:
            driver.quit()
            process.terminate()
            process.communicate(timeout=20)


if __name__ == "__main__":
    main()
