"""Model and solver texts become messages in today's form."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto.model_text import read_net, read_net_file, read_solver, read_solver_file

OLD_NET = 'layers { name: "r" type: RELU bottom: "x" top: "r" }'


def test_a_net_is_upgraded_and_overridden() -> None:
    read = read_net(OLD_NET, "f", overrides=["layer.r.relu_param.negative_slope=0.5"])
    assert read.message.layer[0].type == "ReLU"
    assert read.message.layer[0].relu_param.negative_slope == 0.5


def test_a_number_that_an_override_makes_is_checked_too() -> None:
    with pytest.raises(UserError, match="nan"):
        read_net(OLD_NET, "f", overrides=["layer.r.relu_param.negative_slope=nan"])


def test_a_file_reads_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "old.prototxt"
    path.write_bytes(b"\xef\xbb\xbf" + OLD_NET.encode())
    assert read_net_file(path).message == read_net(OLD_NET, "f").message


def test_a_solver_and_the_nets_inside_it_are_upgraded_and_overridden(tmp_path: Path) -> None:
    path = tmp_path / "old.solver"
    path.write_text(f"solver_type: ADAM base_lr: 0.1 net_param {{ {OLD_NET} }}")
    assert read_solver_file(path).message.type == "Adam"
    read = read_solver(path.read_text(), "f", overrides=["base_lr=0.2"]).message
    assert read.base_lr == pytest.approx(0.2)
    assert read.net_param.layer[0].type == "ReLU"


def test_an_override_that_fits_nothing_is_told_by_its_option() -> None:
    with pytest.raises(UserError, match="--set solver"):
        read_solver("base_lr: 0.1", "f", overrides=["base_rl=0.2"])
