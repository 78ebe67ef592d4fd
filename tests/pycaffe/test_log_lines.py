"""Log lines look as glog writes them."""

import re
from collections.abc import Iterator

import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.pycaffe import log_lines

PREFIX = re.compile(r"[IW]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ \S+\] ")


@pytest.fixture(autouse=True)
def _all_lines() -> Iterator[None]:
    caffe.init_log()
    yield
    caffe.init_log()


def test_a_line_has_four_words_before_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    caffe.log("Iteration 7, lr = 0.01")
    captured = capsys.readouterr()
    assert not captured.out
    assert PREFIX.match(captured.err)
    assert captured.err.startswith("I")
    assert captured.err.split()[4:] == ["Iteration", "7,", "lr", "=", "0.01"]


@pytest.mark.parametrize(
    ("arguments", "letters"), [((), "IW"), ((0,), "IW"), ((1,), "W"), ((2,), ""), ((0, False), "")]
)
def test_levels(capsys: pytest.CaptureFixture[str], arguments, letters: str) -> None:
    caffe.init_log(*arguments)
    caffe.log("a")
    log_lines.warn("b")
    assert "".join(line[0] for line in capsys.readouterr().err.splitlines()) == letters
