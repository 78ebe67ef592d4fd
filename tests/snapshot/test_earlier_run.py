"""A new run and the files of another one that has its prefix."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.snapshot.diary import first_line
from mycaffe_py.snapshot.earlier_run import move_earlier_run
from mycaffe_py.snapshot.names import OF_SNAPSHOT, run_files
from mycaffe_py.snapshot.run_card import RunCard, TextCard

MINE, OTHER = "aaaa", "bbbb"


def write_run(prefix: Path, run: str, iterations: tuple[int, ...] = (5, 10)) -> None:
    """The files of a run."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    for iteration in iterations:
        for ending in OF_SNAPSHOT:
            prefix.with_name(f"{prefix.name}_iter_{iteration}{ending}").write_text(run)
        card = RunCard(iteration, 1, TextCard("s", "t"), run=run)
        card.write(prefix.with_name(f"{prefix.name}_iter_{iteration}.run.json"))
    prefix.with_name(f"{prefix.name}.events.jsonl").write_bytes(first_line(run, 1))
    for ending in (".film", ".html", ".gif"):
        prefix.with_name(prefix.name + ending).write_text(run)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    write_run(tmp_path / "s" / "net", OTHER)
    return tmp_path / "s" / "net"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_another_runs_files_are_moved_whole_and_told_in_one_line(prefix: Path) -> None:
    before = names(prefix.parent)
    line = move_earlier_run(prefix, MINE, ())
    assert line == (
        f"{len(before)} files of an earlier run moved to '{prefix}_runs/1' "
        "(--overwrite would replace them)"
    )
    assert names(prefix.parent) == {"net_runs"}
    assert names(prefix.parent / "net_runs" / "1") == before
    write_run(prefix, "cccc")
    assert "net_runs/2'" in move_earlier_run(prefix, MINE, ())
    assert move_earlier_run(prefix, MINE, ()) == ""


def test_the_same_run_starts_over_in_place(prefix: Path) -> None:
    before = names(prefix.parent)
    assert move_earlier_run(prefix, OTHER, ()) == ""
    assert names(prefix.parent) == before


def test_files_of_others_with_like_names_stay(prefix: Path) -> None:
    for name in (
        "net2_iter_5.caffemodel",
        "net_iter_x.caffemodel",
        "net.solver",
        "net.prototxt",
        "net_iter_5.notes.txt",
        "net_iter_5_iter_6.caffemodel",
        "a_net_iter_5.png",
    ):
        (prefix.parent / name).touch()  # fmt: skip
    others = names(prefix.parent) - {path.name for path in run_files(prefix)}
    move_earlier_run(prefix, MINE, ())
    assert names(prefix.parent) == {*others, "net_runs"}
    assert len(others) == 7


def test_pictures_without_a_film_are_not_those_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "net.html").touch()
    assert run_files(tmp_path / "net") == []


def test_one_foreign_snapshot_among_ones_own_is_enough(prefix: Path) -> None:
    write_run(prefix, MINE, (5,))
    assert "files of an earlier run moved" in move_earlier_run(prefix, MINE, ())


@pytest.mark.parametrize("name", ["net_iter_5.caffemodel", "net_iter_5.solverstate.h5"])
def test_weights_without_a_card_are_another_runs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert move_earlier_run(tmp_path / "net", MINE, ()).startswith("1 file of an earlier run moved")


def test_a_run_killed_before_its_first_snapshot_is_known_by_its_diary(tmp_path: Path) -> None:
    prefix = tmp_path / "net"
    (tmp_path / "net.events.jsonl").write_bytes(first_line(MINE, 1))
    assert move_earlier_run(prefix, MINE, ()) == ""
    assert move_earlier_run(prefix, OTHER, ()) != ""


def test_overwrite_removes_what_belongs_to_the_other_run_alone(prefix: Path) -> None:
    (prefix.parent / "mine.txt").touch()
    line = move_earlier_run(prefix, MINE, (), overwrite=True)
    assert line.endswith("removed (--overwrite)")
    assert names(prefix.parent) == {"mine.txt"}


def test_weights_that_the_run_starts_from_stay_for_the_next_time(prefix: Path) -> None:
    start = prefix.parent / "net_iter_10.caffemodel"
    move_earlier_run(prefix, MINE, (start,))
    left = names(prefix.parent)
    assert left == {"net_runs"} | {f"net_iter_10{ending}" for ending in OF_SNAPSHOT}
    assert move_earlier_run(prefix, MINE, (start,)) == ""


def test_a_move_that_was_killed_is_finished_by_the_next_run(prefix: Path) -> None:
    whole = names(prefix.parent)
    part = prefix.parent / "net_runs" / "1.part"
    part.mkdir(parents=True)
    for path in run_files(prefix)[:4]:
        path.rename(part / path.name)
    line = move_earlier_run(prefix, OTHER, ())
    assert line.startswith(f"{len(whole)} files of an earlier run moved")
    assert names(prefix.parent / "net_runs") == {"1"}
    assert names(prefix.parent / "net_runs" / "1") == whole


def test_a_move_that_fails_says_so(prefix: Path) -> None:
    (prefix.parent / "net_runs").write_text("a file")
    with pytest.raises(MyCaffeError, match=r"cannot be moved to '.*net_runs': .*another snapshot_"):
        move_earlier_run(prefix, MINE, ())
    assert prefix.with_name("net_iter_5.run.json").is_file()


def test_overwriting_after_a_move_that_was_killed_leaves_the_moved_ones(prefix: Path) -> None:
    part = prefix.parent / "net_runs" / "1.part"
    part.mkdir(parents=True)
    first = run_files(prefix)[0]
    first.rename(part / first.name)
    move_earlier_run(prefix, MINE, (), overwrite=True)
    assert names(prefix.parent / "net_runs" / "1") == {first.name}
    assert move_earlier_run(prefix, MINE, ()) == ""
