from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.counters.dataset import CsvRecipe, read_dataset
from mycaffe_py.data.counters.export import counters_of, export_windows, numbers_of_label
from mycaffe_py.data.counters.one_window import read_window
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.data.counters.write import traffic, write_csv
from tests.data.made import small_source

COUNTERS = Counters(("x", "y"), ("", ""), (4.7, 1.5), (0.1, 0.3), 4, 1.0, "time")
ROWS = traffic(4)


def _refused(path, match):
    with pytest.raises(UserError, match=match):
        read_window(path, COUNTERS)


def test_a_window_is_scaled_as_stored(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    image = read_window(path, COUNTERS)
    assert image.shape == (1, 4, 2)
    wanted = (np.log1p([[100, 3], [107, 4], [114, 5], [121, 6]]) - [4.7, 1.5]) / [0.1, 0.3]
    assert image[0] == pytest.approx(wanted, abs=1e-5)


def test_columns_in_any_order_and_rows_out_of_order_are_put_right(tmp_path: Path) -> None:
    told = []
    straight = read_window(write_csv(tmp_path / "a.csv", ROWS), COUNTERS, told.append)
    assert not told
    rows = [[y, "remark", t, x] for t, x, y, _ in ROWS]
    rows[1], rows[2] = rows[2], rows[1]
    crooked = write_csv(tmp_path / "b.csv", rows, ("y", "note", "time", "x"))
    assert np.array_equal(read_window(crooked, COUNTERS, told.append), straight)
    assert told == [f"{crooked}: 1 rows are earlier than the row before them (line 4): sorted"]


def test_what_is_no_window(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    _refused(write_csv(path, [[t, y] for t, _, y, _ in ROWS], ("time", "y")), "have no column: x")
    _refused(write_csv(path, ROWS[:3]), "has 3 rows; one window of 4 rows, 1 s apart")
    _refused(write_csv(path, traffic(5)), "has 5 rows")
    _refused(write_csv(path, [*ROWS[:3], [9, 1, 2, "ok"]]), r"a.csv:5: rows are not 1 s after")
    _refused(write_csv(path, [[10 * t, x, y, f] for t, x, y, f in ROWS]), "not 1 s after")
    _refused(write_csv(path, [*ROWS[:3], [3, "", 2, "ok"]]), "a.csv:5: column 'x' has no number")
    _refused(
        write_csv(path, [*ROWS[:3], [3, 1, "err", "ok"]]), "column 'y' has no number in line 5"
    )
    _refused(write_csv(path, [*ROWS[:3], ["late", 1, 2, "ok"]]), "1 rows have no time")


@pytest.mark.slow
def test_a_window_that_was_exported_is_the_same_again(tmp_path: Path) -> None:
    source = open_source("telecom.testing")
    number = numbers_of_label(source, "at capacity")[2]
    counters = export_windows(source, [number], tmp_path / "one.csv")
    again = read_window(tmp_path / "one.csv", counters)
    assert again == pytest.approx(source.images[number], abs=1e-5)


@pytest.mark.slow
def test_all_windows_that_were_exported_are_the_same_again(tmp_path: Path) -> None:
    source = open_source("telecom.testing")
    numbers = list(range(60))
    counters = export_windows(source, numbers, tmp_path / "all.csv")
    recipe = CsvRecipe("time", "fault", 30, 30, 0.0, like=counters)
    back, told = read_dataset([tmp_path / "all.csv"], "B", recipe)
    assert len(back["training"]) == 60
    assert back["training"].images == pytest.approx(source.images[:60], abs=1e-5)
    names = [source.label_names[label] for label in source.labels[:60].tolist()]
    assert [back["training"].label_names[x] for x in back["training"].labels.tolist()] == names
    assert any("59 gaps" in line for line in told)


@pytest.mark.slow
def test_pictures_are_no_windows() -> None:
    with pytest.raises(UserError, match="holds images, not windows of counters"):
        counters_of(small_source())
    with pytest.raises(UserError, match=r"has no label 'blockd'\. Did you mean 'blocked'"):
        numbers_of_label(open_source("telecom.testing"), "blockd")
