"""Mistakes that people make, and what they are told: each is made while the site is built."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from docs_build.written import NOTE, fence
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import upgrade_net

# A block whose long lines are broken, so that a message is read whole.
WRAPPED = "{ .console .wrap }"
ROOT = Path(__file__).parents[1]
INPUT = """\
layer { name: "in" type: "Input" top: "data"
  input_param { shape { dim: 4 dim: 3 dim: 8 dim: 8 } } }
"""
# What was done, the lines behind INPUT, and what helps.
MISTAKES = [
    (
        "A layer type that does not exist",
        'layer { name: "c" type: "Convlution" bottom: "data" top: "c" }',
        "The nearest name is told. `mycaffe explain layer` lists [all types](layers.md).",
    ),
    (
        "A layer of a fork of Caffe that is not here",
        'layer { name: "l" type: "MultiBoxLoss" bottom: "data" top: "l" }',
        "Everything that is missing in a text is told at once, with the fork it is from.",
    ),
    (
        "A bottom that nobody makes",
        'layer { name: "r" type: "ReLU" bottom: "dada" top: "r" }',
        "Blobs are known from the layer that makes them on; the order of the text counts.",
    ),
    (
        "Two layers that make the same top",
        'layer { name: "a" type: "ReLU" bottom: "data" top: "x" }\n'
        'layer { name: "b" type: "TanH" bottom: "data" top: "x" }',
        "Layers that work in place, as ReLU does, name one blob as bottom and as top.",
    ),
    (
        "A field that does not exist",
        'layer { name: "r" type: "ReLU" bottom: "data" top: "r"\n'
        "  relu_param { negative_slop: 0.1 } }",
        "The fields of each message stand in [Model texts](model.md) and with the layers.",
    ),
    (
        "A value of another kind",
        'layer { name: "r" type: "ReLU" bottom: "data" top: "r"\n'
        "  relu_param { negative_slope: much } }",
        "",
    ),
    (
        "A bracket that is never closed",
        'layer { name: "r" type: "ReLU"',
        "",
    ),
    (
        "A window larger than the picture",
        'layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"\n'
        "  convolution_param { num_output: 2 kernel_size: 9 } }",
        "`mycaffe explain model FILE` shows the shapes up to there.",
    ),
    (
        "Twins whose shared weights differ in shape",
        'layer { name: "a" type: "InnerProduct" bottom: "data" top: "a"\n'
        '  param { name: "w" } inner_product_param { num_output: 2 bias_term: false } }\n'
        'layer { name: "b" type: "InnerProduct" bottom: "data" top: "b"\n'
        '  param { name: "w" } inner_product_param { num_output: 3 bias_term: false } }',
        "In the studio, *Change both* keeps twins alike.",
    ),
    (
        "A layer that works in place and may not",
        'layer { name: "c" type: "InnerProduct" bottom: "data" top: "data"\n'
        "  inner_product_param { num_output: 2 } }",
        "",
    ),
]  # fmt: skip

# In an empty folder, with no data set but those that are built in.
COMMANDS = [
    ("A command that does not exist", "mycaffe trian", ""),
    ("An option that does not exist", "mycaffe test-many --itms 100", ""),
    (
        "A file that is not there",
        "mycaffe train --solver sianese_28x28.solver",
        "`mycaffe template list` shows the texts that come with it; a file counts before them.",
    ),
    (
        "No trained net",
        "mycaffe test-many",
        "Train one first, or name a snapshot that lies elsewhere.",
    ),
    (
        "A data set that is not there",
        "mycaffe dataset show PETS",
        "`mycaffe dataset list` shows what there is, and where.",
    ),
    (
        "A field that a solver does not have",
        "mycaffe train --solver lenet.solver --set solver.base_rate=0.1",
        "The fields stand in [Solver texts](solver.md).",
    ),
    ("A layer type that is misspelt", "mycaffe explain layer Convlution", ""),
]


def mistakes_page() -> str:
    """Each mistake with the lines that make it and the message."""
    lines = [
        NOTE,
        "# Mistakes and what to do\n",
        "A message says where (file and line), what was found, what was wanted and why, and what "
        "to do. No command shows a traceback; programs get a `mycaffe.UserError`, whose "
        "`as_json()` has the parts by name, and so does `--json` of the commands. The command's "
        "exit code is 2 for a mistake, 1 for a failure of the job (no room on the disk, a loss "
        "that is no number).\n",
        "## In a command\n",
        *(_commanded(*mistake) for mistake in COMMANDS),
        "## In a text\n",
        "The texts below begin with an Input layer `data` of (4, 3, 8, 8) in lines 1 and 2.\n",
    ]
    for title, text, help_ in MISTAKES:
        lines += [f"### {title}\n", fence(text), "is told as\n", fence(_told(text), WRAPPED)]
        lines += [f"{help_}\n"] if help_ else []
    return "\n".join([*lines, "Next: [how it works](../how_it_works.md).\n"])


def _commanded(title: str, line: str, help_: str) -> str:
    parts = [f"### {title}\n", fence(f"$ {line}\n{_answer(line)}", WRAPPED)]
    return "\n".join([*parts, *([f"{help_}\n"] if help_ else [])])


def _answer(line: str) -> str:
    """What the command complains of. Errors: AssertionError where it does not."""
    _, *arguments = line.split()
    with TemporaryDirectory() as folder, chdir(folder):
        environment = {**os.environ, "MYCAFFE_DATA": folder, "MYCAFFE_OFFLINE": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "mycaffe_py", *arguments],
            env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 2, f"this is no mistake: {line}\n{done.stdout}{done.stderr}"
    return done.stderr.replace(folder, "/home/you/nets")


def _told(text: str) -> str:
    """The message. Errors: AssertionError where it is no mistake any more."""
    try:
        parsed = read_text(INPUT + text, pb.NetParameter, "net.prototxt")
        compile_net(NetText(upgrade_net(parsed.message), parsed.locations, State(pb.TRAIN)))
    except UserError as error:
        return str(error)
    raise AssertionError(f"this is no mistake: {text}")
