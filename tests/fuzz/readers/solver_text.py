"""Solvers as texts: read by what training reads them with, and the nets they then hold compiled."""

import contextlib
from pathlib import Path

from mycaffe_py.data.opening import LOOKING
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.proto.templates import find_text
from mycaffe_py.solver.texts import read_job
from tests.fuzz.reader import Reader
from tests.fuzz.readers import model_text

_NET = """\
layer { name: "x" type: "DummyData" top: "x" dummy_data_param { shape { dim: 2 dim: 3 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 2 } }
"""
_NAMED = 'net: "net.prototxt"\n'


def _samples(folder: Path) -> list[bytes]:
    """Templates with a net beside them, one with nets inside, and one in the old form."""
    names = ("lenet.solver", "siamese_28x28.solver")
    shipped = [find_text(name, "solver").read_text() for name in names]
    beside = [_NAMED + text[text.index("\n", text.index("net:")) + 1 :] for text in shipped]
    inside = (
        f"max_iter: 9 train_net_param {{\n{_NET}}}\ntest_net_param {{\n{_NET}}}\ntest_iter: 1\n"
        "test_interval: 5 base_lr: 0.1 lr_policy: 'multistep' stepvalue: [3, 5] gamma: 0.5\n"
        'train_state { level: 1 stage: "a" } test_state { } type: "Adam" momentum2: 0.9\n'
    )
    rate = 'base_lr: 1 lr_policy: "inv" gamma: 1e-4 power: 0.75'
    old = f"{_NAMED}max_iter: 9 solver_type: ADAGRAD {rate}\n"
    return [text.encode() for text in (*beside, inside, old)]


def _prepare(folder: Path) -> None:
    (folder / "net.prototxt").write_text(_NET)


def _read(path: Path) -> None:
    job = read_job(str(path))
    for text in (job.train, *job.tests[:9]):
        with contextlib.suppress(MyCaffeError):
            compile_net(text, opening=LOOKING)


READER = Reader(
    samples=_samples, read=_read, file="net.solver", prepare=_prepare,
    words=(*model_text.WORDS, b"test_iter: 1 ", b"iter_size: 0 ", b"stepvalue: -1 "),
)  # fmt: skip
