"""Names that a stranger gave to harm who looks at them, and files that hold them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import text_format

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import template_path

_CODE = "document.title='taken'; window.taken=1"
STRINGS = (
    f'<img src=x onerror="{_CODE}">', f"<script>{_CODE}</script>",
    f"</script><script>{_CODE}</script>", "</title><taken-node>", "</textarea><taken-node>",
    f'<svg onload="{_CODE}">', "<style>*{display:none}</style>",
    f'<a href="javascript:{_CODE}">x</a>', f"javascript:{_CODE}",
    "data:text/html,<taken-node>", '"><taken-node>', "'><taken-node x='",
    f'" onfocus="{_CODE}" autofocus x="', "`${" + _CODE + "}`", "{{7*7}}<%= 7*7 %>",
    "&lt;taken-node&gt; &#60;taken-node>", "<!-- ", "]]>", "\u202eevil\u202c gnp.exe",
    "\u200f\u2067right to left", "\u0645\u0631\u062d\u0628\u0627", "..%2f..%2fetc", "%00%0a%ff",
    "-- --version", "; touch taken; $(touch taken) `touch taken`", "a\"b'c", "__proto__",
    "constructor", "toString", "NaN", "e\u0301\U0001f600", "a#b?c=d&e", "../../../../etc/passwd",
    "\x1b[31mred\x1b]0;taken\x07", "line\nbreak", "tab\there", "a\\b", "\x00nul", "long" * 2500,
)  # fmt: skip
# What this system can call a file; a slash makes folders.
FILES = tuple(
    text
    for text in STRINGS
    if len(text) < 200 and "\0" not in text and not text.startswith(("..", "/"))
)
# What can be enrolled: names of one line.
LABELS = tuple(text for text in STRINGS if text.isprintable() and len(text) < 200)
# What would be there if a name had become markup or had run.
INTRUDERS = (
    "taken-node, img[src='x'], body script, iframe, main style, [onerror], [onload], [onfocus], "
    "[autofocus], a[href^='javascript:'], a[href^='data:'], object, embed, base, form[action]"
)


def write_sets() -> None:
    """The data sets HOSTILE, whose classes have these names, and HEADS, whose counters have."""
    source = _pictures("HOSTILE.training", 3)
    path = dataset_path("HOSTILE")
    path.parent.mkdir(parents=True, exist_ok=True)
    both = {"training": source, "testing": _pictures("HOSTILE.testing", 2)}
    write_dataset(path, "HOSTILE", both, STRINGS[0])
    write_dataset(dataset_path("HEADS"), "HEADS", {"training": _windows()}, STRINGS[1])


def write_project(folder: Path) -> None:
    """HOSTILE.prototxt and .solver, which train on the data set of that name."""
    for kind, ending in (("model", "prototxt"), ("solver", "solver")):
        path = template_path(kind, "siamese_28x28")  # type: ignore[arg-type]
        text = path.read_text().replace("MNIST.", "HOSTILE.").replace("siamese_28x28", "HOSTILE")
        (folder / f"HOSTILE.{ending}").write_text(text)


def write_texts(folder: Path) -> None:
    """A net whose layers and blobs have these names, and texts and runs that are called so."""
    net = pb.NetParameter(name=STRINGS[0])
    net.layer.add(name="in", type="Input", top=["in"]).input_param.shape.add(dim=[1, 4])
    for number, text in enumerate(STRINGS):
        below = "in" if not number else STRINGS[number - 1]
        layer = net.layer.add(name=text, type="InnerProduct", bottom=[below], top=[text])
        layer.inner_product_param.num_output = 4
    (folder / "layers.prototxt").write_text(text_format.MessageToString(net), encoding="utf-8")
    broken = 'layer { name: "a" type: %s }\n'
    for text in FILES:
        path = folder / f"{text}.prototxt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(broken % json.dumps(text), encoding="utf-8")
        solver = f"# {text!r}\nnet: {json.dumps(text + '.prototxt')} base_lr: 1 lr_policy: 'step'\n"
        path.with_suffix(".solver").write_text(solver, encoding="utf-8")


def write_runs(folder: Path) -> None:
    """Runs that are called so, that began by such a command and failed by such an error."""
    for text in FILES:
        path = folder / f"{text}.events.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{json.dumps(one)}\n" for one in _life(text)), encoding="utf-8")


def write_job(folder: Path, number: int, words: list[str]) -> None:
    """A command that has ended and told these strings."""
    jobs = folder / ".mycaffe-studio" / "jobs"
    jobs.mkdir(parents=True, exist_ok=True)
    job = {"number": number, "arguments": words, "folder": str(folder), "pid": 1, "host": "x"}
    (jobs / f"{number}.json").write_text(json.dumps(job))
    log = "\n".join(text for text in STRINGS if len(text) < 200)
    (jobs / f"{number}.log").write_text(log, encoding="utf-8")
    (jobs / f"{number}.end").write_text("0\n")


def _life(text: str) -> list[dict[str, Any]]:
    parts = dict.fromkeys(("file", "found", "wanted", "do", "text"), text)
    return [
        {
            "kind": "begin", "iteration": 0, "max_iter": 9, "pid": 1, "start": "", "host": text,
            "command": f"mycaffe train {text}", "stand_ins": [{"source": text, "for": text}],
        },
        {"kind": "display", "iteration": 9, "loss": 0.5, text: text},
        {"kind": "end", "iteration": 9, "outcome": "failed", "error": {**parts, "line": 3}},
    ]  # fmt: skip


def _names() -> dict[int, str]:
    return dict(enumerate(STRINGS))


def _pictures(name: str, each: int) -> ArraySource:
    """`each` pictures of every class, of which each has a bright row of its own."""
    labels = np.repeat(np.arange(len(STRINGS), dtype=np.int64), each)
    images = np.random.default_rng(3).integers(0, 60, (len(labels), 1, 28, 28)).astype(np.uint8)
    images[np.arange(len(labels)), 0, labels % 28] = 255
    return make_source(name, images, labels, _names(), description=STRINGS[1])


def _windows() -> ArraySource:
    count = len(STRINGS)
    many = (1.0,) * count
    heads = Counters(STRINGS, STRINGS, (0.0,) * count, many, 5, 60.0, STRINGS[0])
    values = np.random.default_rng(3).random((6, 1, 5, count)).astype(np.float32)
    labels = np.arange(6, dtype=np.int64) % 2
    made = make_source("HEADS.training", values, labels, _names(), description=STRINGS[2])
    return replace(made, counters=heads.to_json())
