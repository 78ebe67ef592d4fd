import dataclasses
import json
import math
import multiprocessing
import os
import signal
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.designs.comparison import all_runs, compare
from mycaffe_py.evaluate.designs.head import read_head
from mycaffe_py.evaluate.designs.table import rank, table_json, table_lines
from mycaffe_py.evaluate.designs.workbench import Comparison, DesignRun, Workbench, read_result
from tests.evaluate.designs.tables import write_table

SEEN = ("seconds",)


@pytest.fixture
def comparison(tmp_path):
    write_table()
    return Comparison("CLOUDS.training", "item", (), 400, "heads", 40, tmp_path / "out")


def _plan(*names, seeds=(1, 2), sweep=()):
    return all_runs([read_head(name) for name in names], ["raw cosine"], sweep, seeds)


def _quiet(_):
    pass


def test_every_setting_meets_every_seed(tmp_path: Path) -> None:
    file = tmp_path / "mine.prototxt"
    text = read_head("cosine").text.card.text
    file.write_text(f"# sweep: base_lr 0.1 0.01\n{text}")
    heads = [read_head(str(file)), read_head("product")]
    runs = all_runs(heads, ["raw cosine"], [("momentum", ["0.5", "0.9"])], [1, 2, 3])
    count = {name: sum(run.name == name for run in runs) for name in ("mine", "product")}
    assert count == {"mine": 12, "product": 6}
    assert DesignRun("mine", str(file), (("base_lr", "0.01"), ("momentum", "0.9")), 2) in runs
    assert DesignRun("raw cosine", "", (), 3) in runs


def test_what_is_done_is_not_done_again(comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = _plan("cosine", "triplet")
    first = compare(comparison, runs, 1, _quiet)
    told = []
    monkeypatch.setattr(Workbench, "run", lambda *_: pytest.fail("it was done already"))
    assert compare(comparison, runs, 1, told.append) == first == told
    assert {result["seed"] for result in first} == {1, 2}


def test_a_stop_loses_only_the_run_at_hand(comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = _plan("cosine", "triplet")
    work = Workbench.run

    def stop_at_third(self, run):
        if run == runs[2]:
            raise KeyboardInterrupt
        return work(self, run)

    monkeypatch.setattr(Workbench, "run", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        compare(comparison, runs, 1, _quiet)
    monkeypatch.setattr(Workbench, "run", work)
    done = []
    bench = Workbench(comparison)
    assert [read_result(bench.file(run)) is not None for run in runs[:3]] == [True, True, False]
    results = compare(comparison, runs, 1, done.append)
    assert len(results) == len(done) == len(runs)


@pytest.mark.slow
def test_processes_find_what_one_finds(comparison, tmp_path: Path) -> None:
    runs = _plan("contrastive_2", seeds=(1, 2))
    alone = compare(comparison, runs, 1, _quiet)
    other = dataclasses.replace(comparison, folder=tmp_path / "other")
    together = compare(other, runs, 2, _quiet)

    def without_time(results):
        return [{k: v for k, v in result.items() if k not in SEEN} for result in results]

    assert without_time(alone) == without_time(together)


@pytest.mark.slow
def test_what_a_process_that_died_had_begun_is_done_again(
    comparison, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = _plan("contrastive_2")
    told = []

    def kill_one(result):
        told.append(result)
        if len(told) == 1:  # all of them: one may have nothing left to do
            for child in multiprocessing.active_children():
                os.kill(child.pid, signal.SIGKILL)

    results = compare(comparison, runs, 2, kill_one)
    assert "A worker process died; its run is done again." in capsys.readouterr().err
    assert len(told) == len(runs)
    assert [(result["name"], result["seed"]) for result in results] == [
        (run.name, run.seed) for run in runs
    ]


def test_a_run_that_ends_every_process_is_an_error(
    comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_):
        raise BrokenProcessPool
        yield

    monkeypatch.setattr("mycaffe_py.evaluate.designs.comparison._in_pool", broken)
    with pytest.raises(MyCaffeError, match="and so did the one that was to do its run again"):
        compare(comparison, _plan("cosine"), 2, _quiet)


def test_a_change_of_anything_is_another_run(comparison, tmp_path: Path) -> None:
    file = tmp_path / "mine.prototxt"
    text = read_head("cosine").text.card.text
    file.write_text(text)
    run = DesignRun("mine", str(file), (), 1)
    names = {Workbench(comparison).file(run).name}
    for change in ({"pairs": 500}, {"split_by": "class"}, {"iterations": 50}):
        names.add(Workbench(dataclasses.replace(comparison, **change)).file(run).name)
    names.add(Workbench(comparison).file(dataclasses.replace(run, seed=2)).name)
    names.add(
        Workbench(comparison).file(dataclasses.replace(run, setting=(("base_lr", "1"),))).name
    )
    file.write_text(f"# a comment changes nothing\n{text}")
    assert Workbench(comparison).file(run).name in names
    assert len(names) == 6
    file.write_text(text.replace("num_output: 128", "num_output: 64"))
    names.add(Workbench(comparison).file(run).name)
    write_table(seed=5)
    names.add(Workbench(comparison).file(run).name)
    assert len(names) == 8


def test_a_damaged_result_is_told_and_made_again(
    comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = _plan("contrastive_2", seeds=(1,))[:1]
    compare(comparison, [run], 1, _quiet)
    file = Workbench(comparison).file(run)
    whole = json.loads(file.read_text())
    for damage in ({"setting": []}, {"queries": -1}, {"accuracy": "x"}, {"failed": None}):
        file.write_text(json.dumps(whole | damage))
        assert read_result(file) is None
        assert f"{file} cannot be used ({next(iter(damage))}" in capsys.readouterr().err
    file.write_text('{"name": "contr')
    assert read_result(file) is None
    compare(comparison, [run], 1, _quiet)
    assert read_result(file)["name"] == "contrastive_2"


@pytest.mark.parametrize(
    ("sweep", "text"),
    [
        (("base_rl", ["1"]), r"--sweep solver.base_rl=1: unknown field 'base_rl'"),
        (("test_interval", ["0"]), "tried every test_interval"),
    ],
)
def test_a_sweep_that_cannot_be_stops_before_any_run(comparison, sweep, text: str) -> None:
    with pytest.raises(UserError, match=text):
        compare(comparison, _plan("cosine", sweep=[sweep]), 1, _quiet)
    assert not comparison.folder.exists()


def _result(name, seed, accuracy, tune, **more):
    return {
        "name": name, "seed": seed, "accuracy": accuracy, "tune_auc": tune, "baseline": False,
        "setting": {}, "failed": "", "auc": 0.5, "eer": 0.5, "recall_at_1": None, "seconds": 1.0,
        "parameters": 3, "pairs": 10, "queries": 0, "weights": f"{name}{seed}", **more,
    }  # fmt: skip


def test_rows_are_means_and_the_best_comes_first() -> None:
    rows = rank([_result("x", 1, 0.6, 0.5), _result("x", 2, 0.8, 0.4), _result("y", 1, 0.9, 0.1)])
    assert [row.name for row in rows] == ["y", "x"]
    assert rows[1].accuracy_mean == pytest.approx(0.7)
    assert rows[1].accuracy_sd == pytest.approx(0.1414, abs=1e-4)
    assert (rows[1].runs, rows[1].weights) == (2, "x1")
    assert [row["rank"] for row in table_json(rows)] == [1, 2]
    assert "70.00 ± 14.14" in table_lines(rows)[2]


def test_the_accuracy_on_pairs_learned_from_stands_beside_the_judged_one() -> None:
    """A run that an earlier version kept has none, and its place stays empty."""
    rows = rank([_result("x", 1, 0.6, 0.5, learned=0.95), _result("y", 1, 0.5, 0.5)])
    lines = table_lines(rows)
    place = lines[0].index("learned, %")
    assert [line[place : place + 10].strip() for line in lines[1:]] == ["95.00", ""]
    assert math.isnan(rows[1].learned_mean)


def test_the_setting_of_a_sweep_is_chosen_by_tuning_pairs_alone() -> None:
    good = _result("x", 1, 0.9, 0.5, setting={"base_lr": "1"})
    tuned = _result("x", 1, 0.6, 0.7, setting={"base_lr": "2"})
    (row,) = rank([good, tuned])
    assert (row.accuracy_mean, row.setting) == (0.6, {"base_lr": "2"})


def test_a_design_that_failed_comes_last_and_says_why() -> None:
    failed = _result("x", 1, None, None, failed="the loss is nan at iteration 3")
    rows = rank([failed, _result("y", 1, 0.1, 0.1)])
    assert [row.name for row in rows] == ["y", "x"]
    assert rows[1].runs == 0
    assert table_lines(rows)[-1] == "x: seed 1: the loss is nan at iteration 3"
