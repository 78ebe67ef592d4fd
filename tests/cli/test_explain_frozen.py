"""`mycaffe explain model` tells where the gradient stops."""

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Result
from tests.solver.tiny import NET

STILL = 'bottom: "x" top: "h" param { lr_mult: 0 } param { lr_mult: 0 }'


def test_where_backward_stops(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "frozen.prototxt").write_text(NET.replace('bottom: "x" top: "h"', STILL))
    told = mycaffe("explain", "model", "frozen.prototxt", "--phase", "TRAIN")
    assert told.code == 0, told.err
    assert "backward stops at layer ip2: nothing below it learns" in told.out
    assert "ip1 frozen, 24 values: 2 layers spare their backward" in told.out
    (tmp_path / "plain.prototxt").write_text(NET)
    assert "backward stops" not in mycaffe("explain", "model", "plain.prototxt").out
