"""Taking the film: training stays as it is, and a run that was interrupted has the same film."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.film import read_film
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.snapshot.weights import read_weights
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.film import FilmRun, chosen_interval, is_due
from mycaffe_py.solver.texts import read_job
from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER, Result
from tests.solver.tiny import tiny_solver

# BatchNorm and Dropout: statistics and random numbers that a film must leave alone.
RESTLESS = SMALL_SIAMESE.replace(
    'bottom: "data" top: "feat"',
    'bottom: "norm" top: "feat"',
).replace(
    'layer {\n  name: "feat" type',
    'layer { name: "norm" type: "BatchNorm" bottom: "data" top: "norm" }\n'
    'layer { name: "drop" type: "Dropout" bottom: "norm" top: "norm" }\n'
    'layer {\n  name: "feat" type',
)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "small.prototxt").write_text(RESTLESS)
    tests = "test_iter: 2 test_interval: 10"
    solver = SMALL_SOLVER.replace("NAME", "small").replace("TESTS", tests)
    solver = solver.replace("snapshot: 150", "snapshot: 7")
    (tmp_path / "small.solver").write_text(solver.replace("base_lr: 0.05", "base_lr: 0.001"))
    return tmp_path


@pytest.fixture
def train(mycaffe: Callable[..., Result], texts) -> Callable[..., Path]:
    """`mycaffe train` of 23 iterations; returns the bytes of state and film."""

    def run(prefix: str, *arguments: str) -> Path:
        done = mycaffe(
            "train", "--solver", "small.solver", "--seed", "3", "--iterations", "23",
            "--set", f"solver.snapshot_prefix={prefix}", *arguments,
        )  # fmt: skip
        assert done.code == 0, done.err
        return texts / prefix

    return run


def files(prefix: Path) -> tuple[bytes, bytes]:
    state, weights = (
        prefix.with_name(f"{prefix.name}_iter_23.{end}") for end in ("solverstate", "caffemodel")
    )
    name = f"{prefix.parent.name}/run_iter".encode()
    return state.read_bytes().replace(name, b""), weights.read_bytes()


def film(prefix: Path) -> bytes:
    return prefix.with_name(f"{prefix.name}.film").read_bytes()


@pytest.mark.slow
def test_training_is_the_same_with_and_without(train: Callable[..., Path]) -> None:
    plain, filmed = train("a/run"), train("b/run", "--film", "3")
    assert files(plain) == files(filmed)
    assert not plain.with_name("run.film").exists()
    shown = read_film(filmed.with_name("run.film"))
    assert [f.iteration for f in shown.frames] == [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 23]
    assert [len(f.losses) for f in shown.frames] == [0, 1, 1, 1, 3, 3, 3, 3, 3, 3, 2]
    assert RunCard.read(filmed.with_name("run_iter_23.run.json")).film_every == 3


@pytest.mark.slow
def test_a_frame_is_what_the_test_net_makes_of_the_sample(
    train: Callable[..., Path], texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = train("a/run", "--film", "100")
    shown = read_film(prefix.with_name("run.film"))
    monkeypatch.chdir(texts)
    solver = build_solver(read_job("small.solver"), 3)
    weights = read_weights(prefix.with_name("run_iter_23.caffemodel"))
    load_weights([solver.net], weights)
    net = solver.test_nets[0]
    source = open_source("digits28.testing")
    pixels = source.images[list(shown.head.records)].reshape(len(shown.head.records), -1) / 256
    factor = net.values["norm[2]"][0]
    mean, variance = (net.values[f"norm[{i}]"] / factor for i in (0, 1))
    normal = (pixels - mean) / np.sqrt(variance + 1e-5)
    wanted = normal @ net.values["feat[0]"].T
    assert shown.frames[-1].points == pytest.approx(wanted, rel=1e-3, abs=1e-3)
    centroids = net.values["decode[0]"].reshape(10, -1)
    assert np.array_equal(shown.frames[-1].centroids, centroids)
    assert [source.labels[i] for i in shown.head.records] == list(shown.head.labels)


@pytest.mark.slow
@pytest.mark.parametrize("end", [0, 5])
def test_a_film_goes_on_after_a_stop(
    train: Callable[..., Path], mycaffe: Callable[..., Result], texts: Path, end: int
) -> None:
    whole = train("a/run", "--film", "5")
    stopped = train("b/run", "--film", "5", "--set", "solver.max_iter=14", "--iterations", "14")
    if end:
        with stopped.with_name("run.film").open("ab") as file:
            file.write(film(whole)[-end:])
    done = mycaffe("resume", "b/run_iter_14.solverstate", "--iterations", "23")
    assert done.code == 0, done.err
    assert files(stopped) == files(whole)
    assert film(stopped) == film(whole)


@pytest.mark.slow
def test_a_film_goes_on_after_a_kill(
    train: Callable[..., Path], texts: Path, mycaffe: Callable[..., Result]
) -> None:
    whole = train("a/run", "--film", "7")
    killer = (
        "import os, signal, sys\n"
        "from mycaffe_py.cli.main import main\n"
        "from mycaffe_py.solver.hooks import film\n"
        "take = film.append_frame\n"
        "def killed(path, frame):\n"
        "    take(path, frame)\n"
        "    if frame.iteration == 21:\n"
        "        os.truncate(path, path.stat().st_size - 100)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "film.append_frame = killed\n"
        "main(['train', '--solver', 'small.solver', '--seed', '3', '--iterations', '23',"
        " '--set', 'solver.snapshot_prefix=b/run', '--film', '7'])\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    code = subprocess.run([sys.executable, "-c", killer], cwd=texts, env=env).returncode
    assert code == -signal.SIGKILL
    prefix = texts / "b/run"
    assert [f.iteration for f in read_film(prefix.with_name("run.film")).frames][-1] == 14
    done = mycaffe("resume", "b/run_iter_14.solverstate")
    assert done.code == 0, done.err
    assert files(prefix) == files(whole)
    assert film(prefix) == film(whole)


@pytest.mark.slow
def test_resume_can_stop_filming(
    train: Callable[..., Path], mycaffe: Callable[..., Result]
) -> None:
    prefix = train("a/run", "--film", "5", "--iterations", "7")
    before = film(prefix)
    assert mycaffe("resume", "a/run_iter_7.solverstate", "--film", "0").code == 0
    assert film(prefix) == before


def test_a_net_without_a_data_set_has_no_film(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="reads no data set"):
        tiny_solver(tmp_path, "", FilmRun(tmp_path / "x.film", 2)).solve()
    with pytest.raises(UserError, match="--film -4"):
        FilmRun(tmp_path / "x.film", -4)


def test_frames_are_dense_early() -> None:
    assert [i for i in range(41) if is_due(i, 10)] == [0, 1, 2, 4, 8, 10, 20, 30, 40]


def test_the_interval_follows_length_and_batch() -> None:
    assert chosen_interval(8000, 128) == 100
    assert chosen_interval(300, 128) == 50
    assert chosen_interval(300, 100_000) == 5
    assert chosen_interval(1, 10**9) == 1


@pytest.mark.slow
def test_a_run_that_goes_on_has_the_losses_since_the_last_frame(
    train: Callable[..., Path], mycaffe: Callable[..., Result]
) -> None:
    """The snapshot of iteration 14 lies between the frames of 10 and 20."""
    whole = train("whole/run", "--film", "10")
    gone_on = train("gone_on/run", "--film", "10")
    for path in gone_on.parent.glob("run_iter_2*"):
        path.unlink()
    state = gone_on.with_name("run_iter_14.solverstate")
    assert mycaffe("resume", str(state)).code == 0
    assert [len(frame.losses) for frame in read_film(Path(f"{gone_on}.film")).frames] == [
        0, 1, 1, 2, 4, 2, 10, 3,
    ]  # fmt: skip
    assert film(gone_on) == film(whole)
    assert mycaffe("resume", str(state)).code == 0
    assert film(gone_on) == film(whole)
