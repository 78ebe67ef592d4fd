"""Trains on processes of which each has data of its own, as machines have; run by the tests."""

from __future__ import annotations

import os
import sys

from mycaffe_py.cli.main import main

if __name__ == "__main__":
    os.environ["MYCAFFE_DATA"] = f"data{os.environ['PMI_RANK']}"
    sys.exit(main(["train", "--solver", "small.solver", "--shards", "2", "--iterations", "2"]))
