"""From nothing to a trained net, and from an old caffemodel to an answer: what each part takes.

    python -m tests.benchmarks.first_minute [--iterations 600] [--extras plot] [--keep FOLDER]

Each part is a process of its own, started as a newcomer starts it, in a fresh folder: a virtual
environment, pip install of a clone of this checkout (what is committed), a short training on the
built-in digits, a test of it, a picture of a digit; then a net and weights in the form of Caffe's
first years (`layers`, blobs of four axes) are read by a program that imports caffe. `wall` is s by
the clock, `cpu` the processor time of the process and all it started. Kernels are compiled in it,
as nothing is kept from before. What pip fetches comes from its own cache, where it is there;
--no-pip-cache leaves that out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import mycaffe_py
from mycaffe_py.evaluate.timing.machine import this_machine

_ROOT = Path(__file__).parents[2]

# A net of 2013's form: `layers`, an enum for the type, the input by four input_dim.
_OLD_TEXT = """\
name: "old"
input: "data"
input_dim: 1 input_dim: 1 input_dim: 28 input_dim: 28
layers { name: "conv1" type: CONVOLUTION bottom: "data" top: "conv1"
  convolution_param { num_output: 20 kernel_size: 5 } }
layers { name: "pool1" type: POOLING bottom: "conv1" top: "pool1"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layers { name: "ip1" type: INNER_PRODUCT bottom: "pool1" top: "ip1"
  inner_product_param { num_output: 10 } }
layers { name: "prob" type: SOFTMAX bottom: "ip1" top: "prob" }
"""

# Writes old.caffemodel as Caffe did in 2013: V1 layers, blobs with num, channels, height, width.
_WRITE_OLD = """
import numpy as np
from mycaffe_py.proto import mycaffe_pb2 as pb

net = pb.NetParameter(name="old")
numbers = np.random.default_rng(1)
for name, kind, shapes in (
    ("conv1", "CONVOLUTION", [(20, 1, 5, 5), (1, 1, 1, 20)]),
    ("ip1", "INNER_PRODUCT", [(1, 1, 10, 2880), (1, 1, 1, 10)]),
):
    layer = net.layers.add(name=name, type=pb.V1LayerParameter.LayerType.Value(kind))
    for shape in shapes:
        blob = layer.blobs.add()
        blob.num, blob.channels, blob.height, blob.width = shape
        blob.data.extend(numbers.normal(0, 0.05, int(np.prod(shape))).astype(np.float32).tolist())
open("old.caffemodel", "wb").write(net.SerializeToString())
"""

_CLASSIFY = """
import sys
import numpy as np
import caffe

net = caffe.Net("old.prototxt", caffe.TEST, weights="old.caffemodel")
picture = caffe.io.load_image("digit.png", color=False)
net.blobs["data"].data[...] = caffe.io.resize_image(picture, (28, 28)).transpose(2, 0, 1)
answer = net.forward()["prob"]
assert answer.shape == (1, 10) and abs(answer.sum() - 1) < 1e-5, answer
print("class", int(answer.argmax()))
"""

# A stroke that any net takes for something.
_DRAW = """
from PIL import Image, ImageDraw
picture = Image.new("L", (200, 200), 255)
ImageDraw.Draw(picture).line([(100, 30), (100, 170)], fill=0, width=18)
picture.save("digit.png")
"""


@dataclass(frozen=True)
class Part:
    """A step that a newcomer takes, and how long it took, in s."""

    name: str
    wall_s: float
    cpu_s: float


class Newcomer:
    """Takes steps in `folder`, with nothing there from before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: list[Part] = []
        self.bin = folder / ".venv" / ("Scripts" if os.name == "nt" else "bin")
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MYCAFFE_MNIST")}
        self.environment = {
            **kept,
            "MYCAFFE_OFFLINE": "1",  # the built-in digits, whatever the machine has
            "MYCAFFE_DATA": str(folder / "data"),
            "NUMBA_CACHE_DIR": str(folder / "kernels"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def step(self, name: str, *command: str, untimed: bool = False) -> str:
        """Run `command`, stop with its output where it fails, return what it printed."""
        began, before = time.perf_counter(), os.times()
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        after = os.times()
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        cpu_s = (
            after.children_user + after.children_system
            - before.children_user - before.children_system
        )  # fmt: skip
        if not untimed:
            self.parts.append(Part(name, time.perf_counter() - began, cpu_s))
        return done.stdout

    def mycaffe(self, name: str, *arguments: str) -> str:
        """Run a command of the fresh install."""
        return self.step(name, str(self.bin / "mycaffe"), *arguments)

    def python(self, name: str, program: str, *, untimed: bool = False) -> str:
        """Run a program with the fresh install."""
        return self.step(name, str(self.bin / "python"), "-c", program, untimed=untimed)


def _take(newcomer: Newcomer, args: argparse.Namespace) -> str:
    """All steps in their order; returns what test-many said."""
    # pip builds in the folder it is given and leaves files there, so it gets a clone.
    newcomer.step("clone", "git", "clone", "--quiet", str(_ROOT), "clone", untimed=True)
    what = "./clone" + (f"[{args.extras}]" if args.extras else "")
    cached = ["--no-cache-dir"] if args.no_pip_cache else []
    newcomer.step("virtual environment", args.python, "-m", "venv", ".venv")
    newcomer.step("pip install", str(newcomer.bin / "pip"), "install", "-q", *cached, what)
    newcomer.mycaffe(
        f"train, {args.iterations} iterations", "train", "--solver", "siamese_28x28.solver",
        "--iterations", str(args.iterations), "--seed", "1",
        "--threads", str(args.threads),
    )  # fmt: skip
    said = newcomer.mycaffe("test-many", "test-many")
    newcomer.python("a picture", _DRAW, untimed=True)
    newcomer.mycaffe("test a picture", "test", "digit.png")
    (newcomer.folder / "old.prototxt").write_text(_OLD_TEXT, encoding="utf-8")
    newcomer.python("an old net", _WRITE_OLD, untimed=True)
    (newcomer.folder / "classify.py").write_text(_CLASSIFY, encoding="utf-8")
    newcomer.step(
        "old caffemodel to an answer",
        str(newcomer.bin / "python"), "-m", "mycaffe_py.pycaffe", "classify.py",
    )  # fmt: skip
    newcomer.mycaffe("upgrade of the old text", "upgrade", "old.prototxt", "new.prototxt")
    return next(line for line in said.splitlines() if "recognised" in line)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--extras", default="plot", help="extras of the install, '' for none")
    parser.add_argument("--python", default=sys.executable, help="makes the environment")
    parser.add_argument("--no-pip-cache", action="store_true")
    parser.add_argument("--keep", help="a folder to work in, which stays")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(args.keep or name)
        folder.mkdir(parents=True, exist_ok=True)
        newcomer = Newcomer(folder.resolve())
        said = _take(newcomer, args)
    print(f"`{' '.join(['python -m tests.benchmarks.first_minute', *sys.argv[1:]])}`\n")
    print(f"MyCaffe-Py {mycaffe_py.__version__}, {this_machine()}, {args.threads} threads\n")
    print("| part | wall, s | cpu, s |\n|---|---:|---:|")
    for part in newcomer.parts:
        print(f"| {part.name} | {part.wall_s:.1f} | {part.cpu_s:.1f} |")
    trained = next(n for n, part in enumerate(newcomer.parts) if part.name.startswith("train"))
    first = newcomer.parts[: trained + 1]
    print(
        f"| nothing to the first trained net | {sum(p.wall_s for p in first):.1f} "
        f"| {sum(p.cpu_s for p in first):.1f} |"
    )
    print(f"\n{said}")


if __name__ == "__main__":
    main()
