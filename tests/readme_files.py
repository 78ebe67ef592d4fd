"""The files that the blocks of the texts need before they run, as their reader would have them.

Each maker is called with the folder of the block, and with what runs a line of shell in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from mycaffe_py.data.source import open_source
from tests.detect.small_ssd import write_small_ssd

# Runs one line of shell in the folder of the block, as the block's own lines are run.
Shell = Callable[[str], None]

ITERATIONS = "--iterations 20"


def nothing(folder: Path, shell: Shell) -> None:
    """The block needs no file."""


def trained(folder: Path, shell: Shell) -> None:
    shell(f"mycaffe train --solver siamese_28x28.solver {ITERATIONS}")


def trained_and_nine(folder: Path, shell: Shell) -> None:
    trained(folder, shell)
    _nine().save(folder / "nine.png")


def _nine() -> Image.Image:
    """A nine of 200 x 200 pixels, dark on light."""
    digits = open_source("digits28.testing")
    pixels = digits.gather(np.flatnonzero(digits.labels == 9)[:1])[0, 0]
    return Image.fromarray(255 - pixels).resize((200, 200))


V1_NET = """
name: "Old"
input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
layers {
  name: "score" type: INNER_PRODUCT bottom: "data" top: "score"
  inner_product_param { num_output: 2 }
}
"""


def old_files(folder: Path, shell: Shell) -> None:
    """LeNet stands for every net; what counts is that files of these names are read."""
    shell("mycaffe template copy lenet")
    shell("mycaffe train --solver lenet.solver --iterations 1 --set solver.snapshot_prefix=lenet")
    weights = (folder / "lenet_iter_1.caffemodel").read_bytes()
    for name in ("lenet", "bvlc_alexnet"):
        (folder / f"{name}.caffemodel").write_bytes(weights)
    (folder / "lenet.prototxt").replace(folder / "train_val.prototxt")
    (folder / "lenet.prototxt").write_text((folder / "train_val.prototxt").read_text())
    solver = (folder / "lenet.solver").read_text()
    (folder / "solver.prototxt").write_text(solver.replace("lenet.prototxt", "train_val.prototxt"))
    (folder / "old_net.prototxt").write_text(V1_NET)
    shell("mycaffe dataset export digits28.testing lmdb mnist_train_lmdb")


CLASSIFY = """
import sys

import caffe

picture, out = sys.argv[1:]
net = caffe.Net("net.prototxt", caffe.TEST)
net.blobs["data"].data[...] = caffe.io.load_image(picture).transpose(2, 0, 1)
open(out, "w").write(str(net.forward()["score"].shape))
"""


def detector(folder: Path, shell: Shell) -> None:
    """A small net with random weights stands for the published ones."""
    model, weights, _ = write_small_ssd(folder)
    model.rename(folder / "ssd.prototxt")
    weights.rename(folder / "ssd.caffemodel")
    noise(100).save(folder / "street.jpg")


def script(folder: Path, shell: Shell) -> None:
    (folder / "classify.py").write_text(CLASSIFY)
    (folder / "net.prototxt").write_text(V1_NET)
    noise(8).save(folder / "cat.jpg")


def noise(pixels: int) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (pixels, pixels, 3))
    return Image.fromarray(values.astype(np.uint8))


def oneshot(folder: Path, shell: Shell) -> None:
    shell(f"mycaffe train --solver siamese_lstm_oneshot.solver {ITERATIONS}")
    shell("mycaffe threshold")


def features_of_digits(folder: Path, shell: Shell) -> None:
    """The table of another net and other digits, under the name that the reader has."""
    trained(folder, shell)
    shell("mycaffe features --blob ip1 --source digits28.training --name HIGH_ip1 --batch 100")


def pets(folder: Path, shell: Shell) -> None:
    trained(folder, shell)
    for label in ("leaf", "shell"):
        (folder / "PICTURES" / label).mkdir(parents=True)
        for number in range(4):
            noise(28).save(folder / "PICTURES" / label / f"{number}.png")
    noise(40).save(folder / "new.png")


def new_pictures(folder: Path, shell: Shell) -> None:
    for label in ("car", "leaf"):
        (folder / "pictures" / label).mkdir(parents=True)
        for number in range(10):
            noise(60).save(folder / "pictures" / label / f"{number}.png")
    (folder / "new").mkdir()
    for name in ("moon0.png", "moon1.png", "moon4.png", "car0.jpg"):
        noise(80).save(folder / "new" / name)


def page(folder: Path, shell: Shell) -> None:
    trained(folder, shell)
    shell("mycaffe threshold")
    digits = open_source("digits28.testing")
    pixels = digits.gather(np.flatnonzero(digits.labels == 3)[:2])[:, 0]
    page = np.zeros((100, 120), np.uint8)
    page[20:48, 60:88] = pixels[1]
    Image.fromarray(pixels[0]).save(folder / "three.png")
    Image.fromarray(page).save(folder / "page.png")


def own_data(folder: Path, shell: Shell) -> None:
    for label in ("cats", "dogs"):
        (folder / "PICTURES" / label).mkdir(parents=True)
        for number in range(5):
            noise(12).save(folder / "PICTURES" / label / f"{number}.png")
    rows = [f"{second},{second % 7},{'cut' if second >= 60 else 'fine'}" for second in range(120)]
    (folder / "COUNTERS.csv").write_text("\n".join(["time,packets,fault", *rows]) + "\n")
    shell("mycaffe dataset export digits28.testing lmdb FOLDER")
    for part in ("train", "t10k"):
        images = np.zeros((20, 28, 28), np.uint8)
        labels = np.arange(20, dtype=np.uint8) % 10
        for kind, values in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
            path = folder / "IDX" / f"{part}-{kind}-ubyte"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(head + values.tobytes())


def longer(*commands: str) -> dict[str, str]:
    """Each command with few iterations."""
    return {command: f"{command} {ITERATIONS}" for command in commands}
