"""From a command to its first iteration or first picture, on an empty kernel cache and a warm one.

    python -m tests.benchmarks.first_contact [--threads 2] [--only det1 ...] [--set DIR]

Each figure is of a process of its own: to the line of the first iteration, or to the end where a
picture is asked about. `cpu` is the processor time of the whole process, the drawing of a
training's curves included, but not of one that helps to compile; other work on the machine hardly
changes it. --set: a folder in which the package of kernels that ship compiled lies (pip install
--target DIR, see CONTRIBUTING.md); without it the kernels are compiled on the empty cache.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mycaffe_py
from mycaffe_py.evaluate.timing.machine import this_machine
from tests.benchmarks.small_net_texts import SMALL_NETS

_ROOT = Path(mycaffe_py.__file__).parents[1]
TRAINED = "siamese_28x28"
IMAGE_NETS = ("squeezenet", "resnet50", "mobilenet", "googlenet", "alexnet")
_PICTURE = """
import sys
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import read_text_file

set_threads(int(sys.argv[2]))
from mycaffe_py.engine.net import Net

parsed = read_text_file(find_text(sys.argv[1], "model"), pb.NetParameter)
parsed.message.layer[0].input_param.shape[0].dim[0] = 1
text = NetText(parsed.message, parsed.locations, State(pb.TEST))
Net(compile_net(text, passes=ALL_PASSES, backward=False), seed=1).forward()
"""
_SMALL = """
import sys
from mycaffe_py.engine.threads import set_threads

set_threads(int(sys.argv[2]))
import mycaffe_py.pycaffe as caffe

caffe.Net(sys.argv[1], caffe.TEST).forward()
"""


def _command(name: str, threads: int, folder: Path) -> list[str]:
    """What is run for `name`: a training of one iteration, or one picture."""
    if name == TRAINED:
        options = ["--iterations", "1", "--threads", str(threads), "--overwrite"]
        return [sys.executable, "-m", "mycaffe_py", "train", "--solver", name, *options]
    if name in SMALL_NETS:
        path = folder / f"{name}.prototxt"
        path.write_text(SMALL_NETS[name], encoding="utf-8")
        return [sys.executable, "-c", _SMALL, str(path), str(threads)]
    return [sys.executable, "-c", _PICTURE, name, str(threads)]


def _run(command: list[str], folder: Path, cache: Path, shipped: str) -> tuple[float, float]:
    """Seconds to the first iteration, or of the whole process; and its processor time."""
    places = [str(_ROOT), *filter(None, [shipped])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONUNBUFFERED": "1",
        "NUMBA_CACHE_DIR": str(cache),
        "MYCAFFE_DATA": str(folder / "data"),
    }
    # Whoever installs the package has its modules compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    with (
        Path(folder, "told").open("w+", encoding="utf-8") as told,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):
        first = 0.0
        for line in process.stdout or ():
            if line.startswith("Iteration 0") and not first:
                first = time.perf_counter() - began
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{told.read()}")
    return first or time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=[TRAINED, *IMAGE_NETS, *SMALL_NETS])
    parser.add_argument("--set", default="", dest="shipped")
    args = parser.parse_args()
    print(f"`{' '.join(['python -m tests.benchmarks.first_contact', *sys.argv[1:]])}`\n")
    print(f"{this_machine()}, {args.threads} threads\n")
    for name in args.only:
        with tempfile.TemporaryDirectory() as given:
            folder = Path(given)
            command = _command(name, args.threads, folder)
            # Modules are compiled, and the data set is made, beforehand.
            _run(command, folder, folder / "other", args.shipped)
            told = [_run(command, folder, folder / "cache", args.shipped) for _ in range(2)]
            (cold, cold_cpu), (warm, warm_cpu) = told
            print(
                f"{name}: empty cache {cold:.1f} s (cpu {cold_cpu:.1f}), "
                f"warm {warm:.2f} s (cpu {warm_cpu:.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
