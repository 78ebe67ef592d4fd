"""Marks in numbers and forms of times, as people's spreadsheets write them."""

from pathlib import Path

import pytest

from mycaffe_py.data.counters.csv_form import CsvForm, number_hint, time_hint
from mycaffe_py.data.counters.dataset import CsvRecipe, read_dataset
from mycaffe_py.data.counters.one_window import read_window
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.table import read_table
from mycaffe_py.errors import UserError


@pytest.mark.parametrize(
    ("form", "text", "wanted"),
    [
        (CsvForm(","), "1,004,735", 1004735),
        (CsvForm(","), "-1,004.5", -1004.5),
        (CsvForm(","), "12", 12),
        (CsvForm(",", "."), "12,34,567", 1234567),
        (CsvForm(".", ","), "1.004,5", 1004.5),
        (CsvForm("", ","), "0,5", 0.5),
        (CsvForm("", ","), "1,5e3", 1500),
        (CsvForm("'"), "1'004'735", 1004735),
        (CsvForm(" ", ","), " 1 004,25 ", 1004.25),
    ],
)
def test_numbers_that_are_some(form: CsvForm, text: str, wanted: float) -> None:
    assert form.number(text) == wanted


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (CsvForm(","), "1,5"),
        (CsvForm(","), "1,0047"),
        (CsvForm(","), ",004"),
        (CsvForm(".", ","), "1.5"),
        (CsvForm("", ","), "1.5"),
        (CsvForm("", ","), "1,2,3"),
        (CsvForm(","), "1.004,735"),
    ],
)
def test_numbers_that_are_none(form: CsvForm, text: str) -> None:
    """1,5 is never taken for 15."""
    with pytest.raises(ValueError, match=r"could not convert|^[^ ]+$"):
        form.number(text)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"thousands": ",,"}, "--thousands is ',,'"),
        ({"decimal": ""}, "--decimal is ''"),
        ({"decimal": "5"}, "--decimal is '5'"),
        ({"thousands": "."}, "are both '.'"),
        ({"time_format": "%Q"}, "--time-format is '%Q'"),
        ({"time_format": "day"}, "--time-format is 'day'"),
    ],
)
def test_forms_that_can_be_none(options: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        CsvForm(**options)


def test_times() -> None:
    form = CsvForm(time_format="%d.%m.%Y %H:%M:%S")
    assert form.seconds(" 02.01.1970 00:00:07") == 86407
    assert form.seconds("1970-01-02T00:00:07") is None
    assert CsvForm(time_format="%Y-%m-%d %H:%M %z").seconds("1970-01-01 01:00 +0100") == 0


def test_hints_read_what_they_are_for() -> None:
    assert number_hint("1,004,735") == '--thousands ","'
    assert number_hint("1.004,5") == '--thousands "." --decimal ","'
    assert number_hint("0,5") == '--decimal ","'
    assert number_hint("siteA") == ""
    assert time_hint("14.05.2024 06:00:00") == '--time-format "%d.%m.%Y %H:%M:%S"'
    assert " or " in time_hint("04/05/2024 06:00:00")
    assert time_hint("noon") == ""


def _german(path: Path, rows: int = 40, first: int = 0) -> Path:
    lines = ["time;bytes;share;fault"]
    for t in range(first, first + rows):
        time = f"14.05.2024 06:00:{t:02}"
        lines.append(f"{time};1.{100 + 7 * (t % 5)}.735;0,{3 + t % 4};ok")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_german_file_becomes_windows_and_a_later_window_is_read_alike(tmp_path: Path) -> None:
    form = CsvForm(".", ",", "%d.%m.%Y %H:%M:%S")
    recipe = CsvRecipe("time", "fault", steps=4, stride=2, form=form)
    sources, told = read_dataset([_german(tmp_path / "a.csv")], "LINK", recipe)
    assert not [line for line in told if "left out" in line and "share rows" not in line]
    counters = Counters.from_json(sources["training"].counters)
    assert counters.names == ("bytes", "share")
    assert counters.form == form
    window = read_window(_german(tmp_path / "b.csv", 4), counters)
    assert (window == sources["training"].images[0]).all()


def test_what_could_not_be_read_is_shown(tmp_path: Path) -> None:
    form = CsvForm(time_format="%d.%m.%Y %H:%M:%S")
    recipe = CsvRecipe("time", "fault", steps=4, stride=2, form=form)
    with pytest.raises(UserError) as caught:
        read_dataset([_german(tmp_path / "a.csv")], "LINK", recipe)
    assert "'1.100.735' in line 2 of" in str(caught.value)
    with pytest.raises(UserError) as caught:
        read_table(tmp_path / "a.csv", "time")
    text = str(caught.value)
    assert "no row has a time in column 'time': '14.05.2024 06:00:00' in line 2" in text
    assert '--time-format "%d.%m.%Y %H:%M:%S"' in text


def test_a_column_of_texts_tells_one_and_what_reads_it(tmp_path: Path) -> None:
    rows = "".join(f'{t},"1,004,{700 + t}",{t % 4},ok\n' for t in range(20))
    file = tmp_path / "a.csv"
    file.write_text(f"time,rx,x,fault\n{rows}", encoding="utf-8")
    recipe = CsvRecipe("time", "fault", steps=4, stride=2)
    _, told = read_dataset([file], "LINK", recipe)
    assert "column 'rx' holds texts: left out" in told
    told_of_rx = next(line for line in told if line.startswith("column 'rx': "))
    assert "'1,004,700' in line 2" in told_of_rx
    assert told_of_rx.endswith('which --thousands "," reads')


def test_counters_written_as_usual_are_stored_as_before() -> None:
    plain = Counters(("x",), ("",), (4.7,), (0.1,), 4, 1.0, "time")
    assert "decimal" not in plain.to_json()
    assert Counters.from_json(plain.to_json()) == plain
    german = plain.written_as(CsvForm(".", ","))
    assert Counters.from_json(german.to_json()) == german
