"""Floor 8. The option by which a command is allowed to run code that a text names."""

from __future__ import annotations

import argparse


def add_code_argument(parser: argparse.ArgumentParser) -> None:
    """`--run-code`."""
    parser.add_argument(
        "--run-code", action="store_true",
        help="run what the text names of Python layers and python_source_param ('mycaffe trust' "
        "says so for a folder, once)",
    )  # fmt: skip
