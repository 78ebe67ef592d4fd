"""A Data layer fed by a function of the user's: found, called, refused; trained and resumed."""

import sys
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import LayerContext
from mycaffe_py.layers.data.data import Data
from mycaffe_py.layers.data.fed_layer import feed_of
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.snapshot.weights import read_weights
from tests.conftest import Result

WINDOWS = """
import numpy

def windows(seed, phase, param_str):
    numbers = numpy.random.default_rng(seed)
    while True:
        label = int(numbers.integers(2))
        yield numbers.normal(label * float(param_str), 1.0, (1, 5, 2)), label

class Asked:
    def __init__(self, seed):
        self.seed = seed
    def __getitem__(self, number):
        numbers = numpy.random.default_rng([self.seed, number])
        return numbers.normal(number % 2, 1.0, (1, 5, 2)), number % 2

def everything(**known):
    numbers = [known["seed"] % 1000, known["batch_size"], len(known["phase"] + known["param_str"])]
    return [(numpy.array(numbers).reshape(3, 1, 1), 0)]

def greedy(seed, size):
    return []

def raises():
    yield numpy.zeros((1, 1, 1)), 0
    raise KeyError("lost")

number = 3

class Stored:
    def __len__(self):
        return 10
    def __getitem__(self, number):
        return numpy.full((1, 5, 2), number), number % 4

class Listed(Stored):
    labels = numpy.arange(10) % 4
    def __getitem__(self, number):
        assert type(number) is int
        return super().__getitem__(number)

class Uneven(Stored):
    labels = [0, 1, 2]

class Broken(Stored):
    labels = numpy.arange(10) / 4

class Batches(Stored):
    def __getitem__(self, number):
        return numpy.zeros((8, 1, 5, 2)), numpy.zeros(8)
"""
LAYER = """
layer {{
  name: "windows" type: "Data" top: "data" top: "label"
  data_param {{ batch_size: 8 {data} }}
  python_source_param {{ module: "{module}" function: "{function}" {more} }}
}}
"""


@pytest.fixture
def module(tmp_path):
    """The name of a module in tmp_path that no other test has loaded."""
    name = f"windows_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(WINDOWS)
    yield name
    sys.modules.pop(name, None)


def _context(folder, module, function, phase=pb.TRAIN, seed=1, more="", data=""):
    text = LAYER.format(module=module, function=function, more=more, data=data)
    parsed = read_text(text, pb.NetParameter, str(folder / "net.prototxt"))
    layer = parsed.message.layer[0]
    where = parsed.locations.under("layer", 0)
    return LayerContext(layer, phase, where=where, seed=seed, top_count=len(layer.top))


def _batch(context, number=0):
    plan = Data().plan(context)
    tops = [np.empty(spec.shape, np.float32) for spec in plan.tops]
    plan.facts.feed.fill(number, tops)
    return tops


def test_a_function_fills_the_tops(module, tmp_path: Path) -> None:
    context = _context(tmp_path, module, "windows", more='param_str: "9" label_count: 2')
    plan = Data().plan(context)
    assert [spec.shape for spec in plan.tops] == [(8, 1, 5, 2), (8,)]
    assert plan.tops[1].label_count == 2
    data, labels = _batch(context, 3)
    assert np.array_equal(data.mean(axis=(1, 2, 3)) > 4.5, labels == 1)
    assert np.array_equal(_batch(context, 3)[0], data)


@pytest.mark.parametrize("function", ["windows", "Asked"])
def test_seed_and_phase_and_layer_choose_the_numbers(module, tmp_path: Path, function: str) -> None:
    def data(**choice):
        return _batch(_context(tmp_path, module, function, more='param_str: "1"', **choice))[0]

    assert np.array_equal(data(), data())
    assert not np.array_equal(data(), data(seed=2))
    assert not np.array_equal(data(), data(phase=pb.TEST))


def test_it_gets_what_it_takes(module, tmp_path: Path) -> None:
    data, _ = _batch(_context(tmp_path, module, "everything", more='param_str: "abc"'))
    assert data[0].ravel()[1:].tolist() == [8, len("TRAINabc")]


@pytest.mark.parametrize(
    ("function", "more", "data", "message"),
    [
        ("", "", "", "python_source_param has no function"),
        ("window", "", "", "'window' of module .* is not there. Did you mean 'windows'"),
        ("number", "", "", "'number' of module .* is no function or class"),
        ("greedy", "", "", "function 'greedy' needs 'size'; it is called with those of seed"),
        ("raises", "", "", r"raises raised KeyError: 'lost' \(.*py:26\)"),
        (
            "windows",
            "",
            'source: "MNIST.training"',
            "source has no effect with python_source_param",
        ),
        ("windows", "", "images_per_blob: 3", "images_per_blob has no effect"),
        ("windows", "", "label_balancing: true", "label_balancing has no effect"),
        ("windows", 'param_str: "1" label_count: 1', "", "it gave label 1; label_count is 1"),
    ],
)
def test_mistakes_are_told_with_place_and_layer(
    module, tmp_path: Path, function: str, more: str, data: str, message: str
) -> None:
    with pytest.raises(UserError, match=message) as told:
        context = _context(tmp_path, module, function, more=more, data=data)
        _batch(context, 1)
    assert str(told.value).startswith(f"{tmp_path / 'net.prototxt'}:")
    assert "layer 'windows' (Data)" in str(told.value)


CLASSES = "labels_per_batch: 4 images_per_label: 2"


@pytest.mark.parametrize("function", ["Stored", "Listed"])
def test_batches_of_classes_come_from_an_object_with_a_length(
    module, tmp_path: Path, function: str
) -> None:
    context = _context(tmp_path, module, function, data=CLASSES)
    for number in (0, 5, 70):
        data, labels = _batch(context, number)
        assert labels[::2].tolist() == labels[1::2].tolist()
        assert sorted(labels[::2]) == [0, 1, 2, 3]
        assert len(set(data[:, 0, 0, 0])) == 8
        assert np.array_equal(data[:, 0, 0, 0] % 4, labels)
        assert np.array_equal(_batch(context, number)[0], data)
    assert not np.array_equal(_batch(context, 1)[0], data)


@pytest.mark.parametrize(
    ("function", "data", "message"),
    [
        ("windows", CLASSES, "it returned a generator; an object with __len__ and __getitem__"),
        ("Asked", CLASSES, "it returned a Asked; an object with __len__"),
        ("Uneven", CLASSES, r"its `labels` are \(3,\); a label for each of its 10 items"),
        ("Broken", CLASSES, "item 1 has label 0.25; labels are whole numbers"),
        ("Batches", CLASSES, "it gave batches; an object with __len__"),
        ("Stored", "labels_per_batch: 8 images_per_label: 1", "has images of 4 classes"),
        ("Stored", "labels_per_batch: 4 images_per_label: 3", "batch_size is 8; .* batches of 12"),
    ],
)
def test_batches_of_classes_that_cannot_be_had(
    module, tmp_path: Path, function: str, data, message: str
) -> None:
    more = 'param_str: "1"'
    with pytest.raises(UserError, match=message):
        _batch(_context(tmp_path, module, function, more=more, data=data))


def test_it_is_known_which_classes_have_too_few_items(module, tmp_path: Path) -> None:
    context = _context(tmp_path, module, "Listed", data="labels_per_batch: 2 images_per_label: 4")
    for prefetch in (0, 4):
        context.param.data_param.prefetch = prefetch
        assert feed_of(Data().plan(context).facts).choice.scarce.startswith("4 classes have fewer")
    context = _context(tmp_path, module, "Stored")
    assert feed_of(Data().plan(context).facts).choice is None


def test_other_mistakes(tmp_path: Path, module) -> None:
    with pytest.raises(UserError, match="there is no module 'no_such'; it was looked for in"):
        _batch(_context(tmp_path, "no_such", "windows"))
    context = _context(tmp_path, module, "Asked")
    context.param.transform_param.scale = 2
    with pytest.raises(UserError, match="a transform_param has no effect"):
        _batch(context)
    context.param.ClearField("transform_param")
    context.param.data_param.batch_size = 0
    with pytest.raises(UserError, match="batch_size is 0"):
        _batch(context)
    context = _context(tmp_path, module, "Asked")
    context.param.top.append("index")
    with pytest.raises(UserError, match="3 tops; a function fills two"):
        _batch(context)


def test_the_example_in_the_docstring_runs(tmp_path: Path) -> None:
    lines = cleandoc(Data.__doc__ or "").splitlines()
    first = next(place for place, line in enumerate(lines) if "def windows" in line)
    code = dedent("\n".join(lines[first : lines.index("", first)]))
    name = f"example_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(f"import numpy\n\n{code}\n")
    data, labels = _batch(_context(tmp_path, name, "windows"), 2)
    sys.modules.pop(name)
    assert data.shape == (8, 1, 30, 9)
    assert np.array_equal(data.mean(axis=(1, 2, 3)) > 0.5, labels == 1)


NET = """
name: "Own"
layer {
  name: "windows" type: "Data" top: "data" top: "label"
  data_param { batch_size: 8 }
  python_source_param { module: "MODULE" function: "FUNCTION" param_str: "2" label_count: 2 }
}
layer {
  name: "score" type: "InnerProduct" bottom: "data" top: "score"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
layer {
  name: "right" type: "Accuracy" bottom: "score" bottom: "label" top: "accuracy"
  include { phase: TEST }
}
"""
SOLVER = """
net: "own.prototxt" type: "SGD" base_lr: 0.05 momentum: 0.9 lr_policy: "fixed" max_iter: 60
display: 20 test_iter: 4 test_interval: 30 snapshot: 30 snapshot_prefix: "snapshots/own"
"""


@pytest.mark.parametrize("function", ["windows", "Asked"])
def test_it_trains_from_another_folder_and_resumes_with_the_same_bits(
    mycaffe: Callable[..., Result],
    module,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (tmp_path / f"{module}.py").rename(folder / f"{module}.py")
    (folder / "own.prototxt").write_text(
        NET.replace("MODULE", module).replace("FUNCTION", function)
    )
    (folder / "own.solver").write_text(SOLVER)
    done = mycaffe("train", "--solver", "texts/own.solver", "--seed", "5")
    assert done.code == 0, done.err
    (last,) = tmp_path.rglob("own_iter_60.caffemodel")
    (half,) = tmp_path.rglob("own_iter_30.solverstate")
    whole = read_weights(last).layers["score"][0].array.copy()
    last.unlink()
    sys.modules.pop(module)
    resumed = mycaffe("resume", str(half))
    assert resumed.code == 0, resumed.err
    assert np.array_equal(read_weights(last).layers["score"][0].array, whole)
    tests = [line for line in done.out.splitlines() if "Iteration 60, Testing" in line]
    assert len(tests) == 1
    assert tests[0] in resumed.out
