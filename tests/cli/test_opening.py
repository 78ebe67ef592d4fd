"""Opening runs nothing: what commands that look, measure or translate do to hostile files.

Each command is run in a process of its own in which Python tells of every import, file, socket and
process (`sys.addaudithook`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Result

EVIL = """
import pathlib
pathlib.Path(__file__).with_name("RAN").write_text("")


class Evil:
    pass


def rows(**known):
    while True:
        yield [[[0.0]]], 0
"""
SOURCE = """
layer {
  name: "d" type: "Data" top: "data" top: "label" data_param { batch_size: 2 }
  python_source_param { module: "evil" function: "rows" }
}
layer {
  name: "ip" type: "InnerProduct" bottom: "data" top: "ip" inner_product_param { num_output: 2 }
}
"""
LAYER = """
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 3 } } }
layer {
  name: "p" type: "Python" bottom: "x" top: "y" python_param { module: "evil" layer: "Evil" }
}
layer {
  name: "o" type: "HDF5Output" bottom: "x" bottom: "x" hdf5_output_param { file_name: "out.h5" }
}
"""
# Runs a command line, and tells behind its words what it did.
WATCHED = """
import os, sys

acts = []
kernels = os.environ.get("NUMBA_CACHE_DIR") or "__pycache__"


def watch(event, arguments):
    first = arguments[0] if arguments else ""
    if kernels in str(first) or "__pycache__" in str(first):  # compiled code is kept there
        return
    if event == "exec" and first.co_filename.endswith("evil.py"):
        acts.append("code of evil.py")
    elif event == "open" and isinstance(first, (str, bytes)):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            acts.append(f"write {first}")
    elif event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system")):
        acts.append(event)
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.fork"):
        acts.append(f"{event} {first}")
    elif event == "sqlite3.connect" and "mode=ro" not in str(first):
        acts.append(f"sqlite {first}")


from mycaffe_py.cli.main import main
from mycaffe_py.proto import mycaffe_pb2

sys.addaudithook(watch)
try:
    code = main(sys.argv[1:])
except SystemExit as stop:
    code = stop.code
sys.stdout.flush()
told = "\\n".join(f"ACT {act}" for act in acts)
print(told, file=sys.stderr)
os._exit(code or 0)
"""


def _run(folder: Path, *command: str) -> tuple[int, str, list[str]]:
    """Exit code, what was printed, and what the command did besides."""
    environment = {
        **os.environ,
        "MYCAFFE_DATA": str(folder / "datasets"),
        "MYCAFFE_OFFLINE": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("MYCAFFE_MNIST", None)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    acts = [line[4:] for line in done.stderr.splitlines() if line.startswith("ACT ")]
    return done.returncode, done.stdout + done.stderr, acts


@pytest.fixture
def hostile(tmp_path: Path, siamese_snapshot: Path) -> Path:
    """A folder with texts and a snapshot that name code lying beside them, and a picture."""
    (tmp_path / "evil.py").write_text(EVIL)
    Image.linear_gradient("L").save(tmp_path / "three.png")
    (tmp_path / "source.prototxt").write_text(SOURCE)
    (tmp_path / "layer.prototxt").write_text(LAYER)
    for part in siamese_snapshot.parent.iterdir():
        if part.is_file():
            shutil.copy(part, tmp_path)
            shutil.copy(part, tmp_path / f"honest_{part.name}")
    card = next(tmp_path.glob("small_iter_150*.json"))
    told = json.loads(card.read_text())
    evil = 'layer { name: "p" type: "Python" bottom: "feat" top: "y" python_param {'
    evil += ' module: "evil" layer: "Evil" } }'
    (net,) = told["nets"].values()
    net["text"] += evil
    card.write_text(json.dumps(told))
    return tmp_path


def _unchanged(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("explain model source.prototxt", 0, "runs 'rows' of module 'evil'"),
        ("explain model layer.prototxt", 0, "runs 'Evil' of module 'evil'"),
        ("explain model siamese_28x28", 0, "'MNIST.training' is not there"),
        ("explain model siamese_lstm_oneshot", 0, "mixed 72x1x30x9"),
        ("export onnx source.prototxt", 2, "runs 'rows' of module 'evil'"),
        ("export onnx layer.prototxt", 2, "runs 'Evil' of module 'evil'"),
        ("upgrade layer.prototxt --check", None, ""),
        ("test three.png --snapshot small_iter_150.caffemodel", 2, "runs 'Evil' of module 'evil'"),
        ("test-many --snapshot small_iter_150.caffemodel", 2, "runs 'Evil' of module 'evil'"),
        ("export onnx --snapshot small_iter_150.caffemodel", 2, "runs 'Evil' of module 'evil'"),
        ("plot --snapshot small_iter_150.caffemodel", 2, "runs 'Evil' of module 'evil'"),
        ("test-many --source MNIST.testing --snapshot small_iter_150.caffemodel", 2,
         "mycaffe dataset create mnist"),
    ],
)  # fmt: skip
def test_nothing_runs_is_fetched_or_written(
    hostile: Path, command: str, code: int | None, said: str
) -> None:
    before = _unchanged(hostile)
    ended, told, acts = _run(hostile, *command.split())
    assert acts == [], told
    assert said in told
    assert code is None or ended == code, told
    assert _unchanged(hostile) == before


def test_one_line_tells_of_a_data_set_that_is_not_there(
    mycaffe: Callable[..., Result], digits_only: None
) -> None:
    assert mycaffe("explain", "model", "siamese_28x28").err.count("is not there") == 1


@pytest.mark.slow
def test_with_consent_the_code_runs(hostile: Path) -> None:
    ended, told, acts = _run(hostile, "explain", "model", "source.prototxt", "--run-code")
    assert (hostile / "RAN").exists(), told
    assert "code of evil.py" in acts
    assert ended == 0
    assert "data 2x1x1x1" in told
    line = "Code: layer 'd' (Data) runs 'rows' of module 'evil' from"
    assert f"{line} {hostile / 'evil.py'}" in told


def test_a_folder_is_trusted_once_and_no_more(
    hostile: Path, mycaffe: Callable[..., Result]
) -> None:
    """`mycaffe` works in the same folder, with another list of trusted folders."""
    assert "shape unknown" in mycaffe("explain", "model", "layer.prototxt").out
    said = mycaffe("trust", ".").out
    assert f"{hostile.resolve()} is trusted" in said
    assert mycaffe("trust", "--list").out.strip() == str(hostile.resolve())
    assert "is no layer" in mycaffe("explain", "model", "layer.prototxt").err
    assert json.loads(mycaffe("trust", "--remove", ".", "--json").out) == []
    assert "shape unknown" in mycaffe("explain", "model", "layer.prototxt").out


@pytest.mark.parametrize("words", [(), (".", "--list"), (".", "--remove", ".")])
def test_trust_wants_one_thing(mycaffe: Callable[..., Result], words) -> None:
    result = mycaffe("trust", *words)
    assert result.code == 2
    assert "mycaffe trust FOLDER, --list, or --remove FOLDER" in result.err


def test_a_folder_where_everybody_may_write_is_trusted_with_a_warning(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    assert "everybody on this machine may write" in mycaffe("trust", str(tmp_path)).err
