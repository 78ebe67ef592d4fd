"""Floor 8. Arguments of `mycaffe dataset create telecom | csv`; imports nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

_TELECOM = """\
  mycaffe dataset create telecom                     the three patterns telecom has, by itself too
  mycaffe dataset create telecom --patterns all --name faults --hours 2 --seed 7
  mycaffe dataset create telecom --patterns normal,blocked,capacity,loss,cpu --name known
  mycaffe dataset create telecom --patterns server,storm --name unseen --like known

patterns (the link is simulated with each fault in a severity of its own, second by second):
  normal    nothing is wrong            blocked   nothing passes
  capacity  demand at the link's limit  loss      packets are lost on the line
  flapping  the link comes and goes     server    answers take long
  cpu       the node has little CPU     storm     devices attach over and over
  cells     half the cells are down     loop      packets are sent again and again

'telecom' (normal, blocked, capacity) and 'telecom10' (all) need no command: a net that names
"telecom.training" has them made, in seconds. Splits: training, validation, testing; the last two
have other random numbers and other hours of the day. A window is an image of 1 channel, 30 rows
(seconds) and 9 columns (counters), scaled by the statistics of the training windows.
"""
_CSV = """\
  mycaffe dataset create csv day1.csv day2.csv --name LINK --label-column fault
  mycaffe dataset create csv day.csv --name LINK --time-column ts --label-column fault \\
    --window 30 --stride 5 --test-share 0.2

A window holds consecutive rows of one file and of one label. Every other column of numbers is a
counter. Times are ISO 8601 or seconds since 1970. Columns are parted by comma, semicolon or tab,
whichever the header holds most. What is odd (gaps, unsorted times, missing values, constant
columns, texts) is told with count and line numbers; nothing is filled in. Of each label the latest
windows are for testing, and no window for training shares a row with one of them.
"""

Add = Callable[[Any, str, str, str], argparse.ArgumentParser]


def add_windows(kinds: Any, add: Add) -> None:
    """The kinds `telecom` and `csv`; `add` makes a subcommand with help and examples."""
    _add_telecom(add(kinds, "telecom", "windows of a simulated telecom link with faults", _TELECOM))
    _add_csv(add(kinds, "csv", "windows of your own counters", _CSV))


def _add_telecom(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="NAME", default="telecom", help="default: telecom")
    parser.add_argument(
        "--hours",
        metavar="H",
        type=float,
        default=8.0,
        help="hours of traffic of each pattern for training (120 windows an hour), half as many "
        "each for validation and testing; default: 8",
    )
    parser.add_argument("--seed", metavar="S", type=int, default=1, help="default: 1")
    parser.add_argument(
        "--patterns",
        metavar="A,B,...",
        help="names as below, or all; default: normal,blocked,capacity, for telecom10 all",
    )
    _add_like(parser)


def _add_csv(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+")
    parser.add_argument("--name", metavar="NAME", required=True, help="of the new dataset")
    parser.add_argument("--time-column", metavar="COLUMN", default="time", help="default: time")
    parser.add_argument("--label-column", metavar="COLUMN", default="label", help="default: label")
    parser.add_argument(
        "--columns", metavar="A,B,...", help="the counters; default: every column of numbers"
    )
    parser.add_argument("--window", metavar="ROWS", type=int, default=30, help="default: 30")
    parser.add_argument(
        "--stride", metavar="ROWS", type=int, default=5, help="from window to window; default: 5"
    )
    parser.add_argument(
        "--test-share",
        metavar="SHARE",
        type=float,
        default=0.2,
        help="of each label's windows, the latest; default: 0.2",
    )
    parser.add_argument(
        "--validation-share",
        metavar="SHARE",
        type=float,
        default=0.0,
        help="the windows before those for testing; default: 0",
    )
    _add_like(parser)


def _add_like(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--like", metavar="DATASET", help="take counters and scaling from this dataset"
    )
    parser.add_argument("--force", action="store_true", help="replace a dataset of this name")
