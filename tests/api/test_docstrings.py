"""The examples in the docstrings of the Python interface run, in a folder with a trained net."""

import doctest
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import mycaffe_py.api

NAMES = [module.name for module in walk_packages(mycaffe_py.api.__path__, "mycaffe_py.api.")]
EXAMPLES = [
    example
    for name in NAMES
    for example in doctest.DocTestFinder(exclude_empty=True).find(import_module(name))
    if example.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs(here: Path, example: doctest.DocTest) -> None:
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    failed = runner.run(example, out=told.append, clear_globs=False).failed
    assert not failed, "".join(told)


def test_the_main_calls_have_examples() -> None:
    names = {example.name.rpartition("api.")[2] for example in EXAMPLES}
    calls = {"distance", "distances", "enroll", "index"}
    assert {"load.load", "trained_net.TrainedNet", "blob_net.BlobNet"} <= names
    assert {f"trained_net.TrainedNet.{call}" for call in calls} <= names
