"""Dataset files that would run for ever, or run at all."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.image_database.database import add_split, write_dataset
from mycaffe_py.data.image_database.database_checks import guard
from mycaffe_py.data.image_database.database_reading import read_source, read_splits, reading
from mycaffe_py.errors import UserError
from tests.conftest import Result
from tests.data.image_database.old_form import write_old

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
SOURCE = make_source("X.training", np.zeros((6, 1, 2, 2), np.uint8), np.arange(6) % 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_dataset(tmp_path / "X.sqlite", "X", {"training": SOURCE})
    return tmp_path / "X.sqlite"


def _changed(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _refused(path, told):
    started = time.perf_counter()
    for act in (read_splits, lambda p: read_source(p, "X", "training")):
        with pytest.raises(UserError, match=told):
            act(path)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("table", ["sources", "stored", "labels", "means", "dataset", "pictures"])
def test_a_view_in_the_place_of_a_table_is_not_run(path: Path, table: str) -> None:
    if table != "pictures":
        _changed(path, f"ALTER TABLE {table} RENAME TO before")
    view = f"CREATE VIEW {table.upper()} AS {ENDLESS} SELECT x AS id, x AS source_id, x AS label, "
    _changed(path, view + "x AS data, 'training' || x AS split FROM c")
    _refused(path, rf"'{table.upper()}' is no table")


def test_dataset_list_tells_of_it_and_ends(
    path: Path, mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYCAFFE_DATA", str(path.parent))
    _changed(path, "ALTER TABLE sources RENAME TO so")
    _changed(path, f"CREATE VIEW sources AS {ENDLESS} SELECT x AS id, 'a' || x AS split FROM c")
    result = mycaffe("dataset", "list")
    assert "'sources' is no table" in result.out + result.err


def test_a_virtual_table_is_refused(path: Path) -> None:
    _changed(path, "DROP TABLE labels", "CREATE VIRTUAL TABLE labels USING rtree(a, b, c)")
    _refused(path, "'labels' is no table")


def test_a_trigger_is_refused_also_where_a_split_is_added(path: Path) -> None:
    _changed(path, "CREATE TRIGGER t AFTER INSERT ON labels BEGIN SELECT 1; END")
    _refused(path, "holds a trigger, 't'")
    with pytest.raises(UserError, match="holds a trigger"):
        add_split(path, "testing", SOURCE)


def test_a_computed_column_is_refused(path: Path) -> None:
    _changed(
        path,
        "DROP TABLE means",
        "CREATE TABLE means (source_id INTEGER, data BLOB AS (zeroblob(1000000000)))",
    )
    _refused(path, "'data' of 'means' is computed")


def test_an_image_longer_than_its_shape_is_not_read_into_memory(path: Path) -> None:
    write_old(path, "X", {"training": SOURCE})
    _changed(path, "UPDATE images SET data = zeroblob(50000) WHERE idx = 3")
    with pytest.raises(UserError, match="damaged"):
        read_source(path, "X", "training")


def test_a_query_that_does_not_end_is_stopped(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        guard(connection)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute(f"{ENDLESS} SELECT count(*) FROM c").fetchone()


def test_a_view_of_ones_own_is_nobodys_business(path: Path) -> None:
    _changed(path, "CREATE VIEW of_mine AS SELECT count(*) FROM labels")
    assert read_splits(path) == ["training"]


def test_a_split_without_a_name_is_damage(path: Path) -> None:
    _changed(path, "UPDATE sources SET split = X'00FF'")
    with pytest.raises(UserError, match="a split has no name"):
        read_splits(path)


def test_a_schema_that_sqlite_has_no_room_for_is_damage(path: Path) -> None:
    with (
        pytest.raises(UserError, match="SQLite has no room for what it describes"),
        reading(path),
    ):
        raise MemoryError
