"""The options of `mycaffe dataset import`; imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder is read into which split of which data set."""
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--name", metavar="NAME", required=True, help="of the dataset")
    parser.add_argument("--split", metavar="SPLIT", default="training", help="default: training")
    parser.add_argument(
        "--names",
        metavar="FILE",
        type=Path,
        help="names of the labels: a line each, that of label 0 first; or 'NUMBER NAME' lines",
    )
    add_bgr(parser)
    parser.add_argument("--force", action="store_true", help="replace a split of this name")


def add_bgr(parser: argparse.ArgumentParser) -> None:
    """--bgr, which an export has, too."""
    parser.add_argument(
        "--bgr",
        action="store_true",
        help="the LMDB holds pixels blue first, as convert_imageset writes them: turn them round",
    )
