import dataclasses
import json

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.comparison import compare, plan
from mycaffe_py.evaluate.designs.head import read_head
from mycaffe_py.evaluate.designs.table import as_json, lines, rank
from mycaffe_py.evaluate.designs.workbench import Comparison, Run, Workbench, read_result
from tests.evaluate.designs.tables import write_table

SEEN = ("seconds",)


@pytest.fixture
def comparison(tmp_path):
    write_table()
    return Comparison("CLOUDS.training", "item", (), 400, "heads", 40, tmp_path / "out")


def _plan(*names, seeds=(1, 2), sweep=()):
    return plan([read_head(name) for name in names], ["raw cosine"], sweep, seeds)


def _quiet(_):
    pass


def test_every_setting_meets_every_seed(tmp_path):
    file = tmp_path / "mine.prototxt"
    text = read_head("cosine").text.card.text
    file.write_text(f"# sweep: base_lr 0.1 0.01\n{text}")
    heads = [read_head(str(file)), read_head("product")]
    runs = plan(heads, ["raw cosine"], [("momentum", ["0.5", "0.9"])], [1, 2, 3])
    count = {name: sum(run.name == name for run in runs) for name in ("mine", "product")}
    assert count == {"mine": 12, "product": 6}
    assert Run("mine", str(file), (("base_lr", "0.01"), ("momentum", "0.9")), 2) in runs
    assert Run("raw cosine", "", (), 3) in runs


def test_what_is_done_is_not_done_again(comparison, monkeypatch):
    runs = _plan("cosine", "triplet")
    first = compare(comparison, runs, 1, _quiet)
    told = []
    monkeypatch.setattr(Workbench, "run", lambda *_: pytest.fail("it was done already"))
    assert compare(comparison, runs, 1, told.append) == first == told
    assert {result["seed"] for result in first} == {1, 2}


def test_a_stop_loses_only_the_run_at_hand(comparison, monkeypatch):
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


def test_processes_find_what_one_finds(comparison, tmp_path):
    runs = _plan("contrastive_2", seeds=(1, 2))
    alone = compare(comparison, runs, 1, _quiet)
    other = dataclasses.replace(comparison, folder=tmp_path / "other")
    together = compare(other, runs, 2, _quiet)

    def without_time(results):
        return [{k: v for k, v in result.items() if k not in SEEN} for result in results]

    assert without_time(alone) == without_time(together)


def test_a_change_of_anything_is_another_run(comparison, tmp_path):
    file = tmp_path / "mine.prototxt"
    text = read_head("cosine").text.card.text
    file.write_text(text)
    run = Run("mine", str(file), (), 1)
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


def test_a_damaged_result_is_told_and_made_again(comparison, capsys):
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
def test_a_sweep_that_cannot_be_stops_before_any_run(comparison, sweep, text):
    with pytest.raises(UserError, match=text):
        compare(comparison, _plan("cosine", sweep=[sweep]), 1, _quiet)
    assert not comparison.folder.exists()


def _result(name, seed, accuracy, tune, **more):
    return {
        "name": name, "seed": seed, "accuracy": accuracy, "tune_auc": tune, "baseline": False,
        "setting": {}, "failed": "", "auc": 0.5, "eer": 0.5, "recall_at_1": None, "seconds": 1.0,
        "parameters": 3, "pairs": 10, "queries": 0, "weights": f"{name}{seed}", **more,
    }  # fmt: skip


def test_rows_are_means_and_the_best_comes_first():
    rows = rank([_result("x", 1, 0.6, 0.5), _result("x", 2, 0.8, 0.4), _result("y", 1, 0.9, 0.1)])
    assert [row.name for row in rows] == ["y", "x"]
    assert rows[1].accuracy_mean == pytest.approx(0.7)
    assert rows[1].accuracy_sd == pytest.approx(0.1414, abs=1e-4)
    assert (rows[1].runs, rows[1].weights) == (2, "x1")
    assert [row["rank"] for row in as_json(rows)] == [1, 2]
    assert "70.00 ± 14.14" in lines(rows)[2]


def test_the_setting_of_a_sweep_is_chosen_by_tuning_pairs_alone():
    good = _result("x", 1, 0.9, 0.5, setting={"base_lr": "1"})
    tuned = _result("x", 1, 0.6, 0.7, setting={"base_lr": "2"})
    (row,) = rank([good, tuned])
    assert (row.accuracy_mean, row.setting) == (0.6, {"base_lr": "2"})


def test_a_design_that_failed_comes_last_and_says_why():
    failed = _result("x", 1, None, None, failed="the loss is nan at iteration 3")
    rows = rank([failed, _result("y", 1, 0.1, 0.1)])
    assert [row.name for row in rows] == ["y", "x"]
    assert rows[1].runs == 0
    assert lines(rows)[-1] == "x: seed 1: the loss is nan at iteration 3"
