"""Users' files: what is odd is told with count and lines, and nothing is made up."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycaffe_py.data.counters.dataset import CsvRecipe, read_dataset
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.errors import UserError
from tests.data.counters.write import traffic, write_csv

RECIPE = CsvRecipe("time", "fault", steps=4, stride=2)
ROWS = traffic(40) + traffic(40, "bad", 40)


def _read(path, recipe=RECIPE, **more):
    paths = path if isinstance(path, list) else [path]
    return read_dataset(paths, "X", CsvRecipe(**{**recipe.__dict__, **more}))


def _values(source):
    return Counters.from_json(source.counters).unscaled(source.images)


def test_windows_of_a_plain_file(tmp_path: Path) -> None:
    sources, told = _read(write_csv(tmp_path / "a.csv", ROWS))
    assert list(sources) == ["training", "testing"]
    assert sources["training"].label_names == {0: "bad", 1: "ok"}
    first = _values(sources["training"])[0]
    assert first[:, 0].tolist() == [100, 107, 114, 121]
    assert first[:, 1].tolist() == [3, 4, 5, 6]
    # 39 windows of two labels, one of both; 20 % of 19 each for testing.
    assert len(sources["testing"]) == 8
    assert told == [
        "1 windows hold rows of different labels: left out",
        "time step 1 s, 2 counters: x, y",
        "2 windows share rows with a later part: left out",
    ]


def test_training_and_testing_share_no_row(tmp_path: Path) -> None:
    rows = [[t, t + 1, 1000 - t, "a" if t % 40 < 20 else "b"] for t in range(200)]
    sources, _ = _read(write_csv(tmp_path / "a.csv", rows), stride=1, validation_share=0.2)
    seen = {
        split: set(np.round(_values(source)[:, :, 0]).ravel().tolist())
        for split, source in sources.items()
    }
    assert list(seen) == ["training", "validation", "testing"]
    assert not seen["training"] & seen["testing"]
    assert not seen["training"] & seen["validation"]
    assert not seen["validation"] & seen["testing"]


def test_unsorted_and_repeated_times(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[3], rows[4] = rows[4], rows[3]
    rows.insert(10, list(rows[9]))
    straight, _ = _read(write_csv(tmp_path / "a.csv", ROWS))
    crooked, told = _read(write_csv(tmp_path / "b.csv", rows))
    assert crooked["training"].checksum == straight["training"].checksum
    assert (
        f"{tmp_path / 'b.csv'}: 1 rows are earlier than the row before them (line 6): sorted"
        in (told)
    )
    assert any("1 rows have the time of another row (line 12): left out" in line for line in told)


def test_no_window_reaches_over_a_gap(tmp_path: Path) -> None:
    rows = ROWS[:11] + ROWS[14:]
    sources, told = _read(write_csv(tmp_path / "a.csv", rows), stride=1)
    assert any("1 gaps, where rows are not 1 s apart (line 13)" in line for line in told)
    for source in sources.values():
        steps = np.diff(_values(source)[:, :, 1], axis=1)
        assert np.isin(np.round(steps), [1, -3]).all()


def test_missing_values_drop_their_windows_only(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[8][1] = ""
    rows[20][2] = "NA"
    rows[21][2] = "oops"
    rows[30][1] = "inf"
    sources, told = _read(write_csv(tmp_path / "a.csv", rows))
    assert any("2 values of 'x' are missing (lines 10, 32)" in line for line in told)
    assert any("1 values of 'y' are missing (line 22)" in line for line in told)
    assert any("1 values of 'y' are no numbers, as 'oops' (line 23)" in line for line in told)
    # Rows 8 and 30 lie in two windows each, rows 20 and 21 in two together.
    assert "6 windows hold a missing value: left out" in told
    for source in sources.values():
        assert np.isfinite(source.images).all()


def test_columns_that_are_no_counters(tmp_path: Path) -> None:
    rows = [[t, "siteA", 5, x, y, "", fault] for t, x, y, fault in ROWS]
    header = ("time", "site", "version", "x", "y", "empty", "fault")
    sources, told = _read(write_csv(tmp_path / "a.csv", rows, header))
    assert Counters.from_json(sources["training"].counters).names == ("x", "y")
    assert "column 'site' holds texts: left out" in told
    assert "column 'version' is 5 in every row: left out" in told
    assert "column 'empty' is empty: left out" in told
    with pytest.raises(UserError, match="column 'version' is 5 in every row, so it cannot be"):
        _read(tmp_path / "a.csv", columns=("x", "version"))


def test_rows_that_are_no_rows(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[5][0] = "yesterday"
    rows[7] = rows[7][:2]
    rows[30][3] = ""
    _, told = _read(write_csv(tmp_path / "a.csv", rows))
    assert any("1 rows have no time that could be read (line 7): left out" in x for x in told)
    assert any("1 rows have not 4 cells as the header has (line 9): left out" in x for x in told)
    assert any("windows hold a row without label: left out" in x for x in told)


def test_several_files_are_series_of_their_own(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "a.csv", ROWS)
    shuffled = [[fault, y, t, x] for t, x, y, fault in ROWS]
    two = write_csv(tmp_path / "b.csv", shuffled, ("fault", "y", "time", "x"))
    sources, _ = _read([one, two])
    assert sum(map(len, sources.values())) == 2 * 38 - 2
    write_csv(two, [row[:3] for row in shuffled], ("fault", "y", "time"))
    with pytest.raises(UserError, match=r"b.csv:1: there is no column 'x'; .*a.csv has one"):
        _read([one, two])


def test_semicolons_iso_times_and_a_byte_order_mark(tmp_path: Path) -> None:
    lines = [
        "time;x;y;fault",
        *(f"1970-01-01T00:00:{t:02};{x};{y};{f}" for t, x, y, f in ROWS[:60]),
    ]
    (tmp_path / "a.csv").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    plain, _ = _read(write_csv(tmp_path / "b.csv", ROWS[:60]))
    sources, _ = _read(tmp_path / "a.csv")
    assert sources["training"].checksum == plain["training"].checksum


def test_like_another_data_set(tmp_path: Path) -> None:
    known, _ = _read(write_csv(tmp_path / "a.csv", ROWS))
    counters = Counters.from_json(known["training"].counters)
    rows = [[t, 10 * x, 8, fault] for t, x, y, fault in ROWS]
    sources, _ = _read(write_csv(tmp_path / "b.csv", rows), like=counters)
    assert sources["training"].counters == known["training"].counters
    assert _values(sources["training"])[0, :, 1].tolist() == [8, 8, 8, 8]
    with pytest.raises(UserError, match="windows of 5 rows; the data set whose scaling"):
        _read(tmp_path / "b.csv", like=counters, steps=5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("time,x,x,fault\n", "two columns 'x'"),
        ("time,,fault\n", "empty name"),
        ("tme,x,fault\n0,1,a\n", "no column 'time'.*Did you mean 'tme'"),
        ("time,x,label\n0,1,a\n", "no column 'fault'"),
        ("time,x,fault\nnoon,1,a\n", "a.csv:2: no row has a time"),
        ("time,x,fault\n", "a.csv:1: no row has a time"),
        ("time,x,fault\n0,1,a\n", "no column of .* is a counter"),
        ("time,x,fault\n0,1,a\n1,2,a\n", "not one window of 4 rows"),
        ("time,x,fault\n" + "".join(f"{t},{t},a\n" for t in range(4)), "no window for t"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        _read(tmp_path / "a.csv")


def test_options_that_cannot_be(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    for wrong in ({"steps": 1}, {"stride": 0}, {"test_share": 1.0}, {"validation_share": 0.9}):
        with pytest.raises(UserError):
            _read(path, **wrong)
    with pytest.raises(UserError, match="cannot be read"):
        _read(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        _read(tmp_path / "b.csv")


@settings(max_examples=60)
@given(st.text(alphabet='0123456789,;\n"abte.-', max_size=200))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text) -> None:
    path: Path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text("time,x,fault\n" + text)
    try:
        sources, _ = _read(path, steps=2, stride=1)
    except UserError:
        return
    assert all(np.isfinite(source.images).all() for source in sources.values())


def test_a_folder_or_a_picture_is_named_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "b.csv").mkdir()
    for name, kind in (("a.csv", r"a picture \(PNG\)"), ("b.csv", "a folder")):
        with pytest.raises(UserError, match=f"cannot be read: it is {kind}; a CSV file in UTF-8"):
            _read(tmp_path / name)


def test_windows_that_are_cut_in_parts_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write_csv(tmp_path / f"{name}.csv", ROWS) for name in "ab"]
    whole, _ = _read(files, validation_share=0.2)
    monkeypatch.setattr("mycaffe_py.data.counters.dataset._AT_ONCE", 3)
    parts, _ = _read(files, validation_share=0.2)
    assert len(whole) == 3
    for split, source in whole.items():
        assert parts[split].checksum == source.checksum
