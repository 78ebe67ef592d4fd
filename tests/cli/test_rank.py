import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.installing import install_extra
from tests.conftest import Result
from tests.evaluate.designs.tables import write_table

QUICK = ("--pairs", "400", "--iterations", "40", "--seeds", "1,2", "--out", "r")


def test_a_table_a_file_and_a_picture(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    write_table()
    result = mycaffe("rank", "cosine", "contrastive_2", "--features", "CLOUDS", *QUICK)
    assert result.code == 0, result.err
    assert "CLOUDS.training, judged by images set aside: 10,000 pairs, 24 queries" in result.out
    for name in ("cosine", "contrastive_2", "linear SVM *", "raw cosine *"):
        assert name in result.out
    found = json.loads((tmp_path / "r/rank.json").read_text())
    assert {row["name"]: row["baseline"] for row in found["designs"]} == {
        "cosine": False, "contrastive_2": False, "linear SVM": True, "raw cosine": True
    }  # fmt: skip
    wanted = {
        "name", "baseline", "accuracy_mean", "accuracy_sd", "auc", "eer", "recall_at_1",
        "parameters", "seconds", "learned_mean",
    }  # fmt: skip
    assert all(wanted <= set(row) for row in found["designs"])
    # Beside the judged accuracy, that on the pairs a head has learned from.
    titles, *rows = result.out.splitlines()[2 : 3 + len(found["designs"])]
    judged, learned = titles.index("accuracy, %"), titles.index("learned, %")
    for told, row in zip(rows, found["designs"], strict=True):
        end = learned + len("learned, %")
        assert row["name"] in told
        assert f"{100 * row['accuracy_mean']:.2f}" in told[: judged + len("accuracy, %")]
        assert told[end - 10 : end].strip() == f"{100 * row['learned_mean']:.2f}"
    best = next(row for row in found["designs"] if not row["baseline"])
    assert (tmp_path / "r/runs" / best["weights"]).is_file()
    assert (tmp_path / "r/rank.png").stat().st_size > 10_000


def test_json_of_unseen_classes(mycaffe: Callable[..., Result]) -> None:
    write_table()
    options = ("--split-by", "class", "--unseen", "0,5", "--no-baselines", "--json")
    result = mycaffe("rank", "cosine", "--features", "CLOUDS.training", *QUICK, *options)
    found = json.loads(result.out)
    assert (found["split_by"], found["unseen"]) == ("class", [0, 5])
    assert [row["name"] for row in found["designs"]] == ["cosine"]
    assert found["images"] == {"learn": 136, "tune": 24, "judge": 80}


def test_a_sweep_reports_its_best_setting(mycaffe: Callable[..., Result]) -> None:
    write_table()
    sweep = ("--sweep", "solver.base_lr=1e-9,0.005", "--no-baselines", "--json")
    result = mycaffe("rank", "absolute", "--features", "CLOUDS", *QUICK, *sweep)
    (row,) = json.loads(result.out)["designs"]
    assert row["setting"] == {"base_lr": "0.005"}


def test_without_scikit_learn_the_svm_is_left_out_and_that_is_said(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mycaffe_py.evaluate.designs import baselines

    monkeypatch.setattr(baselines, "has_svm", lambda: False)
    write_table()
    result = mycaffe("rank", "cosine", "--features", "CLOUDS", *QUICK)
    assert result.code == 0
    assert result.err.count(install_extra("baselines")) == 1
    assert "linear SVM" not in result.out and "raw cosine" in result.out


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--seeds", "1,x"), "--seeds is '1,x'; numbers with commas"),
        (("--sweep", "base_lr=1"), "--sweep base_lr=1; a field of the solver text"),
        (("--unseen", "3"), "--unseen without --split-by class"),
        (("--jobs", "0"), "--jobs is 0; at least 1"),
        (("--split-by", "class", "--unseen", "9,8"), "has no class 8, 9 to leave unseen"),
    ],
)
def test_mistakes_are_told(
    mycaffe: Callable[..., Result], options: tuple[str, ...], text: str
) -> None:
    write_table()
    result = mycaffe("rank", "cosine", "--features", "CLOUDS", *options)
    assert result.code == 2
    assert text in result.err


def test_two_heads_of_one_name_are_refused(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    write_table()
    (tmp_path / "cosine.prototxt").write_text("")
    result = mycaffe("rank", "cosine", "cosine", "--features", "CLOUDS")
    assert result.code == 2 and "two heads are called 'cosine'" in result.err


def test_unknown_features_are_told(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("rank", "cosine", "--features", "NOWHERE")
    assert result.code == 2 and "there is no dataset 'NOWHERE'" in result.err


def test_ctrl_c_tells_what_is_kept_and_how_to_go_on(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mycaffe_py.cli import rank
    from mycaffe_py.evaluate.designs.workbench import Workbench

    # On a slow machine, or while kernels are compiled, a line of progress would come between.
    monkeypatch.setattr(rank, "_PROGRESS_S", float("inf"))
    write_table()
    train, left = Workbench.run, [1]

    def run(self, which):
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return train(self, which)

    monkeypatch.setattr(Workbench, "run", run)
    command = ("rank", "cosine", "--features", "CLOUDS", "--no-baselines", *QUICK)
    stopped = mycaffe(*command)
    assert stopped.code == 130 and stopped.out == ""
    assert stopped.err == (
        "Interrupted: 1 of 2 runs had ended and is kept in 'r/runs'. "
        "The same command goes on with the others.\n"
    )
    left.append(1)
    assert mycaffe(*command).code == 0


def test_ctrl_c_before_the_first_result_names_no_folder(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from mycaffe_py.evaluate.designs.workbench import Workbench

    def run(self, which):
        raise KeyboardInterrupt

    write_table()
    monkeypatch.setattr(Workbench, "run", run)
    result = mycaffe("rank", "cosine", "--features", "CLOUDS", "--no-baselines", *QUICK)
    assert (result.code, result.err) == (130, "Interrupted: none of 2 runs had ended.\n")
    assert not (tmp_path / "r" / "runs").exists()


def test_progress_is_told_in_lines_where_there_is_no_terminal(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mycaffe_py.cli import rank
    from mycaffe_py.data import progress

    # Each run is told, however long the one before it took.
    monkeypatch.setattr(rank, "_PROGRESS_S", 0.0)
    monkeypatch.setattr(progress, "_OF_THE_TIME", 0.0)
    write_table()
    result = mycaffe("rank", "cosine", "--features", "CLOUDS", "--no-baselines", "--json", *QUICK)
    json.loads(result.out)
    assert [line.split(",")[0] for line in result.err.splitlines()] == [
        "1 of 2 runs",
        "2 of 2 runs",
    ]
