"""Make a table of features, safe fifty times a second: `python -m ... MODEL WEIGHTS`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.features.feature_base import open_base
from mycaffe_py.evaluate.features.features import Wanted, make_features
from mycaffe_py.proto import mycaffe_pb2 as pb

VARIANTS = 7


def main() -> None:
    """Once over the built-in training images."""
    wanted = Wanted("conv", name="T", variants=VARIANTS, batch=16, seed=3, commit_s=0.02)
    bar = SimpleNamespace(update=lambda _: None)
    make_features(
        open_base(sys.argv[1], Path(sys.argv[2])),
        pb.TransformationParameter(scale=1 / 256),
        open_source("digits28.training"),
        wanted,
        lambda *_: nullcontext(bar),
    )


if __name__ == "__main__":
    main()
