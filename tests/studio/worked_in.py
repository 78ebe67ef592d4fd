"""A folder that somebody has worked in: nets, runs of all kinds, answers, data, designs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

RUN, SECOND, FAILED = "snapshots/siamese_28x28", "snapshots/slower", "snapshots/too_fast"
_TRAIN = [
    "train", "--solver=siamese_28x28.solver", "--film", "--set=solver.display=10",
    "--set=solver.test_interval=50", "--set=solver.test_iter=2",
]  # fmt: skip


def work_in(folder: Path, environment: dict[str, str], iterations: int = 300) -> None:
    """Do with the command what a user does in a first half hour."""
    half = iterations // 2
    snapshot = f"--snapshot={RUN}_iter_{iterations}.caffemodel"
    for words in (
        ["template", "copy", "siamese_28x28"],
        ["template", "copy", "lenet"],
        [*_TRAIN, f"--iterations={iterations}", "--seed=1", f"--set=solver.snapshot={half}"],
        ["test-many", snapshot, "--record"],
        ["threshold", snapshot],
        [*_TRAIN, f"--iterations={half}", "--seed=2", "--set=solver.base_lr=0.002",
         f"--set=solver.snapshot_prefix={SECOND}"],
        ["test-many", f"--snapshot={SECOND}_iter_{half}.caffemodel", "--record"],
    ):  # fmt: skip
        _do(folder, environment, words)
    fast = [
        "--iterations=40",
        "--set=solver.base_lr=1e30",
        f"--set=solver.snapshot_prefix={FAILED}",
    ]
    _do(folder, environment, [*_TRAIN, *fast], fails=True)
    _shapes(folder / "shapes")
    made = ["images", "shapes", "--name", "SHAPES", "--size", "32x32", "--test-percent", "25"]
    _do(folder, environment, ["dataset", "create", *made])
    good = (folder / "siamese_28x28.prototxt").read_text(encoding="utf-8")
    (folder / "mistake.prototxt").write_text(good.replace('"Convolution"', '"Convlution"', 1))
    _designs(folder / "ranking")


def _do(folder: Path, environment: dict[str, str], words: list[str], fails: bool = False) -> None:
    command = [sys.executable, "-m", "mycaffe_py", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode != 0) == fails, f"{' '.join(words)}: {done.stdout}{done.stderr}"


def _shapes(folder: Path) -> None:
    """Discs, boxes and rings in many colours."""
    chance = np.random.default_rng(1)
    for name in ("box", "disc", "ring"):
        (folder / name).mkdir(parents=True)
        for number in range(24):
            picture = Image.new("RGB", (48, 48), tuple(chance.integers(200, 256, 3).tolist()))
            colour = tuple(chance.integers(0, 170, 3).tolist())
            x, y, side = chance.integers([3, 3, 22], [18, 18, 28]).tolist()
            draw, at = ImageDraw.Draw(picture), (x, y, x + side, y + side)
            if name == "box":
                draw.rectangle(at, fill=colour)
            else:
                filled = {"disc": {"fill": colour}, "ring": {"outline": colour, "width": 5}}[name]
                draw.ellipse(at, **filled)  # type: ignore[arg-type]
            picture.save(folder / name / f"{number:02}.png")


def _designs(folder: Path) -> None:
    """What mycaffe rank writes, for three heads."""
    folder.mkdir()
    rows = [
        {
            "rank": rank, "name": name, "baseline": name == "cosine", "accuracy_mean": accuracy,
            "accuracy_sd": 0.004 * rank, "auc": accuracy + 0.02, "eer": 1 - accuracy,
            "recall_at_1": accuracy - 0.03, "runs": 3, "pairs": 2000, "queries": 360,
            "parameters": parameters, "seconds": 4.2 * rank, "setting": {}, "weights": "",
            "failed": [],
        }
        for rank, (name, accuracy, parameters) in enumerate(
            [("mlp", 0.9625, 12_450), ("bilinear", 0.951, 4_160), ("cosine", 0.9233, 0)], 1
        )
    ]  # fmt: skip
    told = {"features": "SHAPES.training", "split_by": "item", "designs": rows}
    (folder / "rank.json").write_text(json.dumps(told))
