"""Writing and loading weights of 160 MB: the memory a fresh process needs on top of the net."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_RESET = Path("/proc/self/clear_refs")
_MEASURED = """
import sys
from pathlib import Path
import numpy as np
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights, load_weights
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import LayerWeights, read_weights, write_weights
from tests.graph.nets import graph_of

def of_status(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024

def start_bytes():
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    return of_status("VmRSS")

path, hdf5, job = Path(sys.argv[1]), sys.argv[2] == "hdf5", sys.argv[3]
if job == "write":
    blob = np.ones((5000, 8000), np.float32)
    before = start_bytes()
    layer = LayerWeights(pb.LayerParameter(name="ip", type="InnerProduct"), [blob])
    write_weights(path, "big", [layer], hdf5=hdf5)
else:
    text = '''layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 8000 } } }
    layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"
      inner_product_param { num_output: 5000 bias_term: false } }'''
    net = Net(graph_of(text))
    net.values["ip[0]"][...] = 0
    read_weights(path)  # imports what it needs before the measurement
    before = start_bytes()
    load_weights([net], read_weights(path))
    assert net.values["ip[0]"].min() == 1
print((of_status("VmHWM") - before) / path.stat().st_size)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not _RESET.exists(), reason="only Linux tells a process's peak memory from a start"
)
@pytest.mark.parametrize("form", ["message", "hdf5"])
def test_weights_are_never_held_a_second_time(tmp_path: Path, form: str) -> None:
    """As a part of the file's size. Copies would show as 1 or more, what is read page by page not:
    16 MB at a time, so 0.1 of this file and 0.01 of one with 2 GB."""
    if form == "hdf5":
        pytest.importorskip("h5py")
    path = tmp_path / "big"
    for job in ("write", "load"):
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(path), form, job],
            check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert float(done.stdout) < 0.3, job
