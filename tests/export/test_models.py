"""Every text that comes with the package, in onnxruntime, with one batch size and another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.export.exported_net import exported_net
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import templates
from tests.export.opened import Opened, randomise

# How many classes they tell apart, only a training's batches say: their weights have it.
FROM_WEIGHTS = ["siamese_28x28_prototypical", "siamese_28x28_verification"]
TRAINED_HERE = [t.name for t in templates() if t.solver and t.name not in FROM_WEIGHTS]
# CaffeNet has AlexNet's layers and more than 200 MB of weights too: once is enough.
PUBLIC = [t.name for t in templates() if not t.solver and t.name != "caffenet"]
pytestmark = pytest.mark.usefixtures("digits_only")


def test_all_are_here() -> None:
    assert {"lenet", "siamese_28x28", "siamese_28x28_best"} <= set(TRAINED_HERE)
    wanted = {"alexnet", "googlenet", "resnet50", "squeezenet", "mobilenet"}
    assert wanted <= set(PUBLIC)


@pytest.mark.parametrize("name", FROM_WEIGHTS)
def test_what_only_weights_know_is_asked_for(name: str) -> None:
    with pytest.raises(UserError, match="or give the weights"):
        exported_net(read_model(name, pb.NetState()))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TRAINED_HERE, *PUBLIC])
def test_it_does_the_same(name: str, tmp_path: Path) -> None:
    plain = exported_net(read_model(name, pb.NetState()))
    randomise(plain)
    file = Opened(plain, tmp_path / f"{name}.onnx")
    assert all(dims[0] == "N" for dims in (*file.inputs.values(), *file.outputs.values()))
    random = np.random.default_rng(2)
    for batch in (1, 3):
        ((shape),) = file.shapes(batch).values()
        ((answer),) = file.check({"data": random.uniform(0, 1, size=shape)}).values()
        assert answer.std() > 0
    file.files[0].unlink()
