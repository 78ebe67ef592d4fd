"""Floor 8. `mycaffe test IMAGE...`: what a snapshot takes pictures for."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mycaffe_py.evaluate.recognise import Recognised

NAME = "test"
HELP = "Tell what a snapshot takes pictures for, with the distance to every centroid."
EXAMPLES = """\
  mycaffe test three.png                       any size, also dark ink on light paper
  mycaffe test *.jpg --json
  mycaffe test drawn.png --snapshot snapshots/siamese_28x28_iter_8000.caffemodel
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pictures, and the snapshot to ask."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to ask; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(None)
    from mycaffe_py.evaluate.recognise import recognise
    from mycaffe_py.evaluate.snapshot import open_snapshot

    snapshot = open_snapshot(args.snapshot)
    found = recognise(snapshot, args.images)
    if args.json:
        print(json.dumps([_json(one, str(snapshot.files.weights)) for one in found]))
        return 0
    print(snapshot.files.weights)
    for one in found:
        print("\n".join(["", *_lines(one)]))
    return 0


def _json(one: Recognised, weights: str) -> dict[str, Any]:
    return {
        "image": str(one.path),
        "label": one.ranking[0][0],
        "done": list(one.done),
        one.measure: dict(one.ranking),
        "snapshot": weights,
    }


def _lines(one: Recognised) -> list[str]:
    done = f" ({', '.join(one.done)})" if one.done else ""
    lines = [f"{one.path}: {one.ranking[0][0]}{done}", f"  label  {one.measure}"]
    return lines + [f"  {name:>5}  {value:.5f}" for name, value in one.ranking]
