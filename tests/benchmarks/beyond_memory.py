"""How much memory training and creation take by the number of images, and how fast batches come.

    python -m tests.benchmarks.beyond_memory [memory pictures creation speed wait] [--small]

Memory is RssAnon of /proc/PID/status, sampled every 10 ms: what the process itself holds. Mapped
files count nowhere, as the system takes their pages back whenever it needs the room. The images are
digits28's, again and again, and noise of 3 x 224 x 224. `--small` takes a tenth of them.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import mycaffe_py
from mycaffe_py.cli.main import main as main_command
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.feed import feed_for
from mycaffe_py.data.gathered_source import PartOfSource, measured, part_of
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.timing.machine import this_machine
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import read_text_file
from tests.data.image_database.old_form import write_old

_ANON = re.compile(r"RssAnon:\s+(\d+) kB")
_TURNS = 7
_BATCH = 16
_STEPS = 6
_NET = """
layer {{ name: "d" type: "Data" top: "data" top: "label"
  transform_param {{ crop_size: 224 mirror: true }}
  data_param {{ source: "{source}" batch_size: {batch} prefetch: 2 }} }}
layer {{ name: "c" type: "Convolution" bottom: "data" top: "c"
  convolution_param {{ num_output: 16 kernel_size: 7 stride: 4 weight_filler {{ type: "msra" }} }}
}}
layer {{ name: "p" type: "Pooling" bottom: "c" top: "p"
  pooling_param {{ pool: AVE global_pooling: true }} }}
layer {{ name: "s" type: "InnerProduct" bottom: "p" top: "s"
  inner_product_param {{ num_output: 10 weight_filler {{ type: "xavier" }} }} }}
layer {{ name: "l" type: "SoftmaxWithLoss" bottom: "s" bottom: "label" }}
"""
_SOLVER = 'net: "n.prototxt" base_lr: 0.0001 lr_policy: "fixed" max_iter: {steps} display: 1\n'


def _watched(*arguments: str, folder: Path) -> tuple[float, float, str]:
    """Most RssAnon in MB of `mycaffe ARGUMENTS`, its seconds, what it printed."""
    command = [sys.executable, "-m", "mycaffe_py", *arguments]
    start, most = time.perf_counter(), 0
    environment = {**os.environ, "PYTHONPATH": str(Path(mycaffe_py.__file__).parents[1])}
    with (folder / "told.txt").open("w+") as told:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=told, stderr=subprocess.STDOUT
        )
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            found = _ANON.search(status.read_text())
            most = max(most, int(found.group(1)) if found else 0)
            time.sleep(0.01)
        told.seek(0)
        text = told.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{text}")
    return most / 1000, time.perf_counter() - start, text


@contextmanager
def _place() -> Iterator[Path]:
    """A folder for one part, with the data sets in it."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["MYCAFFE_DATA"] = str(Path(name) / "data")
        yield Path(name)


def _digits(count: int) -> dict[str, ArraySource]:
    """So many digits for training, and those of the test split."""
    digits = open_source("digits28.training")
    many = part_of(digits, np.resize(np.arange(len(digits)), count))
    told = {one.name: getattr(many, one.name) for one in fields(PartOfSource)}
    return {"training": measured(_Numbered(**told)), "testing": open_source("digits28.testing")}


class _Numbered(PartOfSource):
    """Each image differs: its number stands in its first four pixels, which are black."""

    def gather(self, records: NDArray[np.int64]) -> Images:
        made = super().gather(records)
        made[:, 0, 0, :4] = records.astype("<u4").view(np.uint8).reshape(-1, 4)
        return made


def _pictures(folder: Path, count: int) -> None:
    """`count` JPEG files of 256 x 256, links to 200 that differ."""
    numbers = np.random.default_rng(1)
    (folder / "own").mkdir()
    for place in range(200):
        coarse = numbers.integers(0, 256, (32, 32, 3)).astype(np.uint8)
        image = Image.fromarray(coarse).resize((256, 256), Image.Resampling.BICUBIC)
        image.save(folder / "own" / f"{place}.jpg", quality=90)
    _links(folder, count, "jpg")


def _links(folder: Path, count: int, ending: str) -> None:
    files = sorted((folder / "own").iterdir())
    for label in range(10):
        (folder / "set" / str(label)).mkdir(parents=True)
    for place in range(count):
        name = f"{place:07}.{ending}"
        (folder / "set" / str(place % 10) / name).hardlink_to(files[place % len(files)])


def memory(share: int) -> None:
    """Training by the number of images."""
    print("| training on | in files, MB | most memory, MB |\n|---|---|---|")
    for count in (10_000, 100_000, 1_000_000):
        with _place() as folder:
            sources = _digits(count // share)
            write_dataset(folder / "data" / "MNIST.sqlite", "MNIST", sources)
            train = ("train", "--solver", "siamese_28x28", "--iterations", "300", "--seed", "1")
            _row(f"{count // share:,} of 28 x 28", folder, *train)


def pictures(share: int) -> None:
    """The same for pictures, kept as pixels and as JPEG."""
    print("| training on | in files, MB | most memory, MB |\n|---|---|---|")
    for options in ((), ("--encoded",)):
        with _place() as folder:
            count = 20_000 // share
            _pictures(folder, count)
            create = ("dataset", "create", "images", "set", "--name", "P", "--size", "224x224")
            most, seconds, _ = _watched(*create, *options, folder=folder)
            (folder / "n.prototxt").write_text(_NET.format(source="P.training", batch=_BATCH))
            (folder / "n.solver").write_text(_SOLVER.format(steps=60))
            kept = "JPEG, decoded to" if options else "pixels,"
            _row(f"{count:,} {kept} 3 x 224 x 224", folder, "train", "--solver", "n.solver")
            print(f"(created in {seconds:.0f} s, most memory {most:.0f} MB)")


def _row(what: str, folder: Path, *command: str) -> None:
    files = sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file())
    _watched(*command, folder=folder)
    most = _watched(*command, folder=folder)[0]
    print(f"| {what} | {files / 1e6:,.0f} | {most:.0f} |", flush=True)


def creation(share: int) -> None:
    """Creation by the number of pictures."""
    print("| creation of | seconds | most memory, MB |\n|---|---|---|")
    for count in (10_000, 100_000, 1_000_000):
        with _place() as folder:
            (folder / "own").mkdir()
            digits = open_source("digits28.training")
            for record in range(1000):
                image = Image.fromarray(digits.images[record, 0].view(np.uint8))
                image.save(folder / "own" / f"{record}.png")
            _links(folder, count // share, "png")
            create = ("dataset", "create", "images", "set", "--name", "P", "--gray")
            most, seconds, _ = _watched(*create, folder=folder)
            print(f"| {count // share:,} PNG of 28 x 28 | {seconds:.0f} | {most:.0f} |", flush=True)


def speed(share: int) -> None:
    """Batches from mapped files, and from memory as version 1 of the dataset files has it."""
    print("| a batch of siamese_28x28 from 60,000 images | us, median | least |\n|---|---|---|")
    found: dict[str, list[float]] = {}
    with _place() as folder:
        feeds = {}
        for form, write in (("mapped", write_dataset), ("in memory", write_old)):
            (folder / form).mkdir()
            os.environ["MYCAFFE_DATA"] = str(folder / form)
            write(folder / form / "MNIST.sqlite", "MNIST", _digits(60_000))
            feeds[form] = _feed()
        tops = [np.empty(shape, np.float32) for shape in feeds["mapped"].shapes]
        for turn in range(_TURNS * 10):
            for form, feed in feeds.items():
                start = time.perf_counter()
                for batch in range(100):
                    feed.fill(turn * 100 + batch, tops)
                found.setdefault(form, []).append((time.perf_counter() - start) * 1e4)
    for form, each in found.items():
        print(f"| {form} | {statistics.median(each[1:]):.1f} | {min(each):.1f} |")


def _feed() -> BatchFeed:
    parsed = read_text_file(find_text("siamese_28x28", "model"), pb.NetParameter)
    return feed_for(parsed.message.layer[0], pb.TRAIN, 1, parsed.locations)


def wait(share: int) -> None:
    """What a step of ResNet-50 waits for its batch of JPEGs of 256 x 256, cropped to 224."""
    asked: list[float] = []
    waited: list[float] = []
    whole = PrefetchFeed.fill

    def fill(feed: PrefetchFeed, number: int, tops: Sequence[NDArray[Any]]) -> None:
        asked.append(time.perf_counter())
        whole(feed, number, tops)
        waited.append(time.perf_counter() - asked[-1])

    PrefetchFeed.fill = fill  # type: ignore[method-assign]
    with _place() as folder:
        _pictures(folder, 2_000)
        create = ("dataset", "create", "images", "set", "--name", "P", "--encoded")
        _watched(*create, folder=folder)
        data = _NET.format(source="P.training", batch=_BATCH).split('layer { name: "c"')[0]
        text = find_text("resnet50", "model").read_text()
        # Fresh weights have no statistics of their own.
        text = text.replace("use_global_stats: true", "use_global_stats: false")
        first, rest = text.index("layer {"), text.index("# Stem")
        loss = 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc1000" bottom: "label" }'
        (folder / "n.prototxt").write_text(text[:first] + data + text[rest:] + loss)
        (folder / "n.solver").write_text(_SOLVER.format(steps=_STEPS))
        os.chdir(folder)
        main_command(["train", "--solver", "n.solver", "--seed", "1"])
        one, many = (_decode_ms(count) for count in (1, _BATCH))
    # The first batch is made while everybody waits, and kernels are compiled.
    steps = np.diff(asked)[2:]
    late = np.array(waited[2:-1])
    print(f"ResNet-50, batches of {_BATCH} JPEGs of 256 x 256 cropped to 224, {len(steps)} steps:")
    print(
        f"a step {1000 * np.median(steps):,.0f} ms, waited {1000 * np.median(late):.1f} ms in the "
    )
    print(f"the median, {1000 * late.max():.1f} ms at most: {100 * late.sum() / steps.sum():.2f} %")
    print(f"decoding: {one:.1f} ms for one picture, {many:.1f} ms for {_BATCH} together")


def _decode_ms(count: int) -> float:
    source = open_source("P.training")
    taken = []
    for turn in range(20):
        start = time.perf_counter()
        source.gather(np.arange(count) + turn)
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


PARTS = {"memory": memory, "pictures": pictures, "creation": creation, "speed": speed, "wait": wait}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=[[], *PARTS])
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    print(f"`{' '.join(['python -m tests.benchmarks.beyond_memory', *sys.argv[1:]])}`\n")
    print(f"{this_machine()}\n")
    for part in args.parts or PARTS:
        PARTS[part](10 if args.small else 1)
        print()


if __name__ == "__main__":
    main()
