"""Seeds of nets, and words about devices and groups of processes."""

import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from mycaffe_py.pycaffe import mode


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode, "_mode", mode._Mode())


def test_seeds_follow_from_the_one_that_was_set() -> None:
    caffe.set_random_seed(3)
    first = [mode.next_seed() for _ in range(4)]
    caffe.set_random_seed(3)
    assert [mode.next_seed() for _ in range(4)] == first
    assert first[0] == 3
    assert len(set(first)) == 4
    caffe.set_random_seed(4)
    assert not set(first) & {mode.next_seed() for _ in range(4)}


def test_without_a_seed_every_net_has_a_fresh_one() -> None:
    assert len({mode.next_seed() for _ in range(8)}) == 8


def test_negative_seed() -> None:
    with pytest.raises(UserError, match="at least 0"):
        caffe.set_random_seed(-1)


def test_gpu_is_answered_once(capsys: pytest.CaptureFixture[str]) -> None:
    caffe.set_device(0)
    caffe.set_mode_gpu()
    caffe.set_mode_gpu()
    caffe.set_mode_cpu()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("W")
    assert "CPU" in line


def test_group_of_processes() -> None:
    assert (caffe.solver_count(), caffe.solver_rank()) == (1, 0)
    caffe.set_solver_count(4)
    caffe.set_solver_rank(2)
    caffe.set_multiprocess(True)
    assert (caffe.solver_count(), caffe.solver_rank()) == (4, 2)
    for call, value in (
        (caffe.set_solver_count, 0),
        (caffe.set_solver_rank, -1),
        (caffe.set_device, -1),
    ):
        with pytest.raises(UserError):
            call(value)
