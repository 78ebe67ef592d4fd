"""Texts that are odd in what they say, given to the commands: python -m tests.fuzz.commands.

Each input is a net and a solver, a chain of random layers with some of its words and numbers
changed, and one of the commands. Every command ends with 0, or with one error line.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from mycaffe_py.cli.main import main as run_command
from tests.fuzz.odd_texts import odd_net, odd_solver
from tests.fuzz.reader import Reader
from tests.fuzz.run import run

_RULE = "# ---- solver\n"
_WEIGHTS = "kept/net_iter_1.caffemodel"
_COMMANDS: dict[str, Sequence[str]] = {
    "explain model": ("explain", "model", "net.prototxt"),
    "explain solver": ("explain", "solver", "net.solver"),
    "train": ("train", "--solver", "net.solver", "--iterations", "1"),
    "time": ("time", "--model", "net.prototxt", "--iterations", "1"),
    "test-many": ("test-many", "--snapshot", _WEIGHTS),
    "export deploy": ("export", "deploy", "--snapshot", _WEIGHTS, "--out", "deployed"),
    "upgrade": ("upgrade", "net.prototxt", "new.prototxt"),
}
_TEXTS = 120
_PLAIN_NET = """\
layer { name: "data" type: "Data" top: "x" top: "label"
  data_param { source: "digits28.testing" batch_size: 4 } }
layer { name: "l9" type: "InnerProduct" bottom: "x" top: "l9"
  inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "l9" bottom: "label" top: "loss" }
"""
_PLAIN_SOLVER = """\
net: "net.prototxt"
base_lr: 0.01
lr_policy: "fixed"
max_iter: 1
snapshot_prefix: "made/net"
"""


def _samples(folder: Path) -> list[bytes]:
    return [_input(command, _PLAIN_NET, _PLAIN_SOLVER) for command in _COMMANDS]


def _input(command: str, net: str, solver: str) -> bytes:
    return f"# {command}\n{net}{_RULE}{solver}".encode("utf-8", "surrogateescape")


def _damage(samples: Sequence[bytes], random: Random) -> bytes:
    return _input(random.choice(list(_COMMANDS)), odd_net(random), odd_solver(random))


def _prepare(folder: Path) -> None:
    """A snapshot, whose card then holds the texts in question."""
    os.chdir(folder)
    Path("net.prototxt").write_text(_PLAIN_NET)
    Path("kept.solver").write_text(_PLAIN_SOLVER.replace("made/", "kept/"))
    assert run_command(["train", "--solver", "kept.solver"]) == 0


def _read(path: Path) -> None:
    head, _, rest = path.read_bytes().decode("utf-8", "surrogateescape").partition("\n")
    net, _, solver = rest.partition(_RULE)
    command = head.removeprefix("# ")
    shutil.rmtree("made", ignore_errors=True)
    for name, text in (("net.prototxt", net), ("net.solver", solver)):
        Path(name).write_bytes(text.encode("utf-8", "surrogateescape"))
    _into_card(net)
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        code = run_command(_COMMANDS.get(command, ("explain", "model", "net.prototxt")))
    told = re.findall(r"^mycaffe: error: .*", errors.getvalue(), re.MULTILINE)
    assert (code in (1, 2) and len(told) == 1) or (code == 0 and not told), (code, told)


def _into_card(net: str) -> None:
    path = Path("kept/net_iter_1.run.json")
    card = json.loads(path.read_text())
    card["nets"]["net.prototxt"]["text"] = net
    path.write_text(json.dumps(card))


READER = Reader(samples=_samples, read=_read, prepare=_prepare, damage=_damage, always=True)


def main(arguments: Sequence[str]) -> int:
    """Run every command as often as there are texts: [SEED [TEXTS [FOLDER FOR DEFECTS]]]."""
    seed, texts, saved = [*arguments, *("1", str(_TEXTS), "")[len(arguments) :]]
    report = run("commands", int(seed), int(texts) * len(_COMMANDS), Path(saved) if saved else None)
    print(report.line())
    for defect in report.defects:
        print(f"    {defect.number}: {defect.kind}")
    return 1 if report.defects else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
