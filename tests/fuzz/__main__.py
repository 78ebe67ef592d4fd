"""Reads damaged files by every reader: python -m tests.fuzz --inputs N --seed S [--reader NAME].

Prints for each reader its inputs, its defects, the memory it took at most and its slowest input.
Ends with 1 where there are defects; their inputs are kept in the folder that --save names.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz.reader import names
from tests.fuzz.run import run


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=1000, help="of each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", action="append", choices=names(), help="default: all")
    parser.add_argument("--save", type=Path, help="folder for inputs that showed a defect")
    given = parser.parse_args()
    defects = 0
    for name in given.reader or names():
        report = run(name, given.seed, given.inputs, given.save)
        print(report.line(), flush=True)
        for kind, count in Counter(defect.kind for defect in report.defects).most_common(20):
            print(f"    {count:5} x {kind}", flush=True)
        defects += len(report.defects)
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
