"""What all tests share: no test touches the user's datasets or the folder it is started in."""

import gc
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Tests import one another as tests.x. The folder comes last, so that an installed mycaffe_py is
# tested rather than the sources beside the tests.
sys.path.append(str(Path(__file__).parents[1]))

# No example fails because the machine has other work: how long one took says nothing here.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


# Whole commands and trained nets: each test takes a moment, all of them half of everybody's minute.
SLOW_FOLDERS = (
    "tests/api", "tests/cli", "tests/evaluate", "tests/export", "tests/retrieve", "tests/studio",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Let the studio's tests be judged together, whatever processes they run in."""
    from tests.studio.executed import Executed

    config.pluginmanager.register(Executed())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage once the tests are found: on the way there, thousands of looks find none.

    What is there then stays to the end, and no later look goes through it again.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these folders to the slow tier; begin with what takes longest."""
    from tests.longest_first import sort

    sort(items)
    for item in items:
        place = item.path.relative_to(Path(__file__).parents[1]).as_posix()
        if place.startswith(SLOW_FOLDERS):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _no_words_about_kernels() -> None:
    """A command's errors are the same in a test whether its kernels had to be compiled or not.

    tests/engine/test_compilation.py sets it for itself.
    """
    from mycaffe_py.engine import compilation

    compilation.LONG_S = float("inf")


@dataclass(frozen=True)
class Result:
    """What a command line did."""

    code: int
    out: str
    err: str


def _why_no_onnx() -> str:
    """Why the onnx package does not run here, with this protobuf or at all, or ""."""
    from google.protobuf.runtime_version import VersionError

    try:
        import onnx  # noqa: F401
    except (ModuleNotFoundError, VersionError) as error:
        return f"tests with onnx are left out: {error}"
    return ""


class _LeftOut(pytest.Module):
    """A file of tests that cannot run here, which is said instead."""

    def collect(self):
        pytest.skip(_why_no_onnx(), allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector):
    """Leave files out that need the onnx package where it does not run."""
    text = module_path.read_text()
    needs = "\nimport onnx" in text or "from tests.export.opened" in text
    return _LeftOut.from_parent(parent, path=module_path) if needs and _why_no_onnx() else None


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Datasets in a fresh folder, and no test waits for the network."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path_factory.mktemp("datasets")))
    monkeypatch.setenv("MYCAFFE_OFFLINE", "1")


@pytest.fixture
def digits_only(monkeypatch):
    """MNIST cannot be had, so the templates work on their small stand-in."""
    monkeypatch.delenv("MYCAFFE_MNIST", raising=False)


@pytest.fixture
def mycaffe(tmp_path: Path, monkeypatch, capsys) -> Callable[..., Result]:
    """Run `mycaffe ARGUMENTS` in an empty folder (tmp_path)."""
    from mycaffe_py.cli.main import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


SMALL_SIAMESE = """
name: "Small"
layer {
  name: "pairs" type: "Data" top: "pairs" top: "sim" include { phase: TRAIN }
  transform_param { scale: 0.00390625 }
  data_param {
    source: "digits28.training" batch_size: 32 images_per_blob: 2 output_all_labels: true
  }
}
layer {
  name: "pairs" type: "Data" top: "pairs" top: "sim" include { phase: TEST }
  transform_param { scale: 0.00390625 }
  data_param {
    source: "digits28.testing" batch_size: 32 images_per_blob: 2 output_all_labels: true
  }
}
layer {
  name: "slice" type: "Slice" bottom: "pairs" top: "data" top: "data_p" exclude { phase: RUN }
}
layer {
  name: "feat" type: "InnerProduct" bottom: "data" top: "feat" param { name: "w" }
  inner_product_param { num_output: 8 bias_term: false weight_filler { type: "xavier" } }
}
layer {
  name: "feat_p" type: "InnerProduct" bottom: "data_p" top: "feat_p" param { name: "w" }
  inner_product_param { num_output: 8 bias_term: false weight_filler { type: "xavier" } }
  exclude { phase: RUN }
}
layer {
  name: "decode" type: "Decode" bottom: "feat" bottom: "sim" top: "decode"
  decode_param { cache_size: 2 }
}
layer {
  name: "quiet" type: "Silence" bottom: "decode" exclude { phase: RUN }
}
layer {
  name: "loss" type: "ContrastiveLoss" bottom: "feat" bottom: "feat_p" bottom: "sim" top: "loss"
  contrastive_loss_param { margin: 2 } exclude { phase: RUN }
}
layer {
  name: "accuracy" type: "AccuracyEncoding" bottom: "feat" bottom: "sim" top: "accuracy"
  include { phase: TEST }
}
"""
SMALL_CLASSIFIER = """
name: "SmallClassifier"
layer {
  name: "digits" type: "Data" top: "data" top: "label"
  transform_param { scale: 0.00390625 }
  data_param { source: "digits28.training" batch_size: 64 }
}
layer {
  name: "score" type: "InnerProduct" bottom: "data" top: "score"
  inner_product_param { num_output: 10 weight_filler { type: "xavier" } }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
"""
SMALL_CONVOLUTIONS = """
name: "SmallConvolutions"
layer {
  name: "digits" type: "Data" top: "data" top: "label"
  transform_param { scale: 0.00390625 }
  data_param { source: "digits28.training" batch_size: 64 }
}
layer {
  name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 8 kernel_size: 5 weight_filler { type: "xavier" } }
}
layer {
  name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 }
}
layer { name: "relu1" type: "ReLU" bottom: "pool1" top: "pool1" }
layer {
  name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2"
  convolution_param { num_output: 16 kernel_size: 5 weight_filler { type: "xavier" } }
}
layer {
  name: "pool2" type: "Pooling" bottom: "conv2" top: "pool2"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 }
}
layer {
  name: "score" type: "InnerProduct" bottom: "pool2" top: "score"
  inner_product_param { num_output: 10 weight_filler { type: "xavier" } }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
"""
SMALL_SOLVER = """
net: "NAME.prototxt" type: "SGD" base_lr: 0.05 momentum: 0.9 lr_policy: "fixed"
max_iter: 150 display: 50 TESTS snapshot: 150 snapshot_prefix: "snapshots/NAME"
"""


def train_small(folder: Path, name: str, model: str, tests: str) -> Path:
    """Train a small net in `folder` and return its last .caffemodel."""
    from mycaffe_py.cli.main import main

    (folder / f"{name}.prototxt").write_text(model)
    solver = SMALL_SOLVER.replace("NAME", name).replace("TESTS", tests)
    (folder / f"{name}.solver").write_text(solver)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["train", "--solver", f"{name}.solver", "--seed", "1"]) == 0
    return folder / "snapshots" / f"{name}_iter_150.caffemodel"


@pytest.fixture(scope="session")
def siamese_snapshot(tmp_path_factory) -> Path:
    """A small Siamese net, trained on digits28 for a moment."""
    tests = "test_iter: 5 test_interval: 50"
    return train_small(tmp_path_factory.mktemp("siamese"), "small", SMALL_SIAMESE, tests)


@pytest.fixture(scope="session")
def classifier_snapshot(tmp_path_factory) -> Path:
    """A small classifier without a TEST net."""
    return train_small(tmp_path_factory.mktemp("classifier"), "scores", SMALL_CLASSIFIER, "")


@pytest.fixture(scope="session")
def convolution_snapshot(tmp_path_factory) -> Path:
    """A small classifier with convolutions, without a TEST net."""
    return train_small(tmp_path_factory.mktemp("convolutions"), "filters", SMALL_CONVOLUTIONS, "")
