"""Several processes, here threads, train one net: each does its part, and one alone writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.hooks.hook import Event, Hook, Run
from mycaffe_py.solver.run import Start, train
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.team import SNAPSHOT, STOP, Team, check_same, in_turn
from tests.solver.shards.cut_nets import PARTNERS, text_of
from tests.solver.shards.threads import together
from tests.solver.tiny import NET, tiny_job

EXTRA = (
    "display: 4 snapshot: 6 test_iter: 3 test_interval: 6 iter_size: 2 shards: 4 "
    'type: "Adam" clip_gradients: 0.5 random_seed: 1 snapshot_diff: true '
)
ADAM = NET.replace('type: "EuclideanLoss"', 'type: "EuclideanLoss" loss_weight: 3')


class Acts(Hook):
    """Calls `act` behind each step, and keeps what it is told."""

    def __init__(self, act=lambda solver: None) -> None:
        self.act = act
        self.events: list[Event] = []

    def after_step(self, solver: Run) -> None:
        self.act(solver)

    def told(self, solver: Run, event: Event) -> None:
        self.events.append(event)


class Writes(Acts):
    writes = True


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trained(ranks: int, *hooks: Hook, extra: str = EXTRA) -> list[Solver]:
    """The solvers of so many processes; the files are in snapshots."""
    job = tiny_job(Path(), extra, ADAM, SOLVER_TEXT)
    return together(ranks, lambda team: train(job, Start(), team=team, hooks=hooks))


SOLVER_TEXT = """
net: "tiny.prototxt" base_lr: 0.02 momentum: 0.9 lr_policy: "fixed" max_iter: 12
snapshot_prefix: "snapshots/tiny"
"""


def files() -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in Path("snapshots").glob("tiny_iter_*")
        if path.suffix != ".json"
    }


@pytest.mark.slow
def test_any_number_of_processes_writes_the_same_files(tmp_path: Path) -> None:
    found = []
    for ranks in (1, 2, 4):
        solvers = trained(ranks)
        assert len({solver.params.data.tobytes() for solver in solvers}) == 1
        card = RunCard.read(Path("snapshots/tiny_iter_12.run.json"))
        assert card.processes == ranks
        found.append((files(), card.figures))
    assert len(found[0][0]) == 4
    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_what_shards_carry_is_there_after_a_resume_on_other_processes(digits_only: None) -> None:
    net = text_of(PARTNERS)
    wanted = {}
    for ranks in (2, 1, 4):
        job = tiny_job(Path(), "shards: 4 random_seed: 1 snapshot: 6", net, SOLVER_TEXT)
        half = Path("snapshots/tiny_iter_6.solverstate")
        start = Start(state=half if wanted else None)
        together(ranks, lambda team: train(job, start, team=team))  # noqa: B023
        wanted = wanted or files()
        assert files() == wanted
        Path("snapshots/tiny_iter_12.solverstate").unlink()


def test_only_the_first_process_prints_and_writes(capsys: pytest.CaptureFixture[str]) -> None:
    writes, all_do = Writes(), Acts()
    solvers = trained(2, writes, all_do)
    out = capsys.readouterr().out
    assert out.count("Solving") == out.count("Optimization Done") == 1
    assert "Batches in 4 shards, on 2 processes" in out
    assert out.count("Iteration 4 (") == 1
    assert len(all_do.events) > len(writes.events) > 0
    assert [len(solver.hooks) for solver in solvers] == sorted(
        [len(solver.hooks) for solver in solvers], reverse=True
    )


def test_each_process_keeps_the_history_of_its_segment_alone() -> None:
    net = NET.replace("num_output: 4", "num_output: 20000")
    job = tiny_job(
        Path(),
        "shards: 2 max_iter: 1 snapshot_after_train: false",
        net,
        SOLVER_TEXT.replace("max_iter: 12", ""),
    )
    solvers = together(2, lambda team: train(job, Start(seed=1), team=team))
    touched = [np.flatnonzero(solver.updater.history[0]) for solver in solvers]
    assert len(touched[0]) and len(touched[1])
    assert touched[0].max() < touched[1].min()


@pytest.mark.parametrize("rank", [0, 1])
def test_a_wish_of_one_process_is_done_by_all_at_the_same_place(rank: int) -> None:
    def ask(solver: Run) -> None:
        if solver.together.rank == rank and solver.iteration == 2:
            solver.ask(SNAPSHOT)
        if solver.together.rank == rank and solver.iteration == 5:
            solver.ask(STOP)

    solvers = trained(2, Acts(ask), extra="shards: 2 snapshot: 100")
    assert [solver.iteration for solver in solvers] == [6, 6]
    assert all(solver.stopping for solver in solvers)
    assert sorted(files()) == [
        f"tiny_iter_{n}.{end}" for n in (3, 6) for end in ("caffemodel", "solverstate")
    ]


def test_an_error_in_the_forward_of_one_process_is_that_of_all() -> None:
    def spoil(solver: Run) -> None:
        if solver.together.rank == 1 and solver.iteration == 3:

            def fails(batch: int) -> None:
                raise MyCaffeError(f"batch {batch} is damaged")

            solver.work.nets[0].note = fails

    job = tiny_job(Path(), EXTRA, ADAM, SOLVER_TEXT)

    def one(team: Team) -> str:
        with pytest.raises(MyCaffeError) as told:
            train(job, Start(), team=team, hooks=[Acts(spoil)])
        return str(told.value)

    assert together(2, one) == ["batch 6 is damaged."] * 2


def test_what_one_makes_is_there_for_the_others() -> None:
    made = []

    def make(team: Team) -> int:
        made.append(team.rank)
        return team.rank

    assert together(3, lambda team: in_turn(team, lambda: make(team))) == [0, 1, 2]
    assert made[0] == 0


@pytest.mark.parametrize("rank", [0, 2])
def test_what_one_cannot_make_is_the_error_of_all(rank: int) -> None:
    def make(team: Team) -> None:
        if team.rank == rank:
            raise UserError("no room on the disk")

    def one(team: Team) -> str:
        with pytest.raises(UserError) as told:
            in_turn(team, lambda: make(team))
        return str(told.value)

    assert together(3, one) == ["no room on the disk."] * 3


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ({"text of a": "1", "content of b": "3"}, "process 1 has another content of b"),
        ({"text of a": "1"}, "process 1 has no content of b"),
        ({"text of a": "1", "content of b": "2", "file c": "3"}, "process 1 has file c"),
    ],
)
def test_the_process_and_what_differs_are_named(theirs: dict[str, str], told: str) -> None:
    own = {"text of a": "1", "content of b": "2"}

    def one(team: Team) -> str:
        with pytest.raises(UserError) as error:
            check_same(team, theirs if team.rank == 1 else own)
        return str(error.value)

    assert all(text.startswith(told) for text in together(2, one))


def test_processes_divide_the_shards() -> None:
    with pytest.raises(UserError, match="2 processes for 3 shards"):
        trained(2, extra="shards: 3")
