"""Windows of counters from CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.data.counters.like import add_like, counters_like, listed_names
from mycaffe_py.data.dataset_kind import DatasetKind, Made, register

if TYPE_CHECKING:
    import argparse

    from mycaffe_py.data.counters.csv_form import CsvForm

_EXAMPLES = """\
  mycaffe dataset create csv day1.csv day2.csv --name LINK --label-column fault
  mycaffe dataset create csv tag.csv --name LINK --thousands . --decimal , \\
    --time-format "%d.%m.%Y %H:%M:%S"
  mycaffe dataset create csv day.csv --name LINK --time-column ts --label-column fault \\
    --window 30 --stride 5 --test-share 0.2

A window holds consecutive rows of one file and of one label. Every other column of numbers is a
counter. Times are ISO 8601 or seconds since 1970. Columns are parted by comma, semicolon or tab,
whichever the header holds most. What is odd (gaps, unsorted times, missing values, constant
columns, texts) is told with count and line numbers; nothing is filled in. Of each label the latest
windows are for testing, and no window for training shares a row with one of them.
"""


@register
class Csv(DatasetKind):
    """Windows of consecutive rows, each of one label."""

    name = "csv"
    place = 22
    help = "windows of your own counters"
    examples = _EXAMPLES

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which files and columns, how windows are cut, and which are kept from training."""
        add = parser.add_argument
        add("files", metavar="FILE", type=Path, nargs="+")
        add("--name", metavar="NAME", required=True, help="of the new dataset")
        add("--time-column", metavar="COLUMN", default="time", help="default: time")
        add("--label-column", metavar="COLUMN", default="label", help="default: label")
        add("--columns", metavar="A,B,...", help="the counters; default: every column of numbers")
        add("--window", metavar="ROWS", type=int, default=30, help="default: 30")
        add(
            "--stride", metavar="ROWS", type=int, default=5,
            help="from window to window; default: 5",
        )  # fmt: skip
        add(
            "--test-share", metavar="SHARE", type=float, default=0.2,
            help="of each label's windows, the latest; default: 0.2",
        )  # fmt: skip
        add(
            "--validation-share", metavar="SHARE", type=float, default=0.0,
            help="the windows before those for testing; default: 0",
        )  # fmt: skip
        add(
            "--thousands", metavar="SIGN",
            help='between thousands in numbers, as "," in 1,004,735; default: none',
        )  # fmt: skip
        add("--decimal", metavar="SIGN", help='the decimal mark, as "," in 0,5; default: the point')
        add(
            "--time-format", metavar="FORMAT",
            help='of the times, in the words of strptime: "%%d.%%m.%%Y %%H:%%M:%%S"',
        )  # fmt: skip
        add_like(parser)

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Cut windows, and write them. Errors: files or columns that cannot be read."""
        from mycaffe_py.data.counters import dataset
        from mycaffe_py.data.image_database.database import write_dataset

        recipe = dataset.CsvRecipe(
            time_column=args.time_column,
            label_column=args.label_column,
            steps=args.window,
            stride=args.stride,
            test_share=args.test_share,
            validation_share=args.validation_share,
            columns=tuple(listed_names(args.columns)) if args.columns is not None else (),
            like=counters_like(args.like),
            form=_form(args),
        )
        sources, told = dataset.read_dataset(args.files, args.name, recipe)
        write_dataset(path, args.name, sources, sources["training"].description)
        return Made(lines=told)


def _form(args: argparse.Namespace) -> CsvForm | None:
    """How numbers and times are written, None where nothing was said of it."""
    from mycaffe_py.data.counters.csv_form import CsvForm

    thousands, decimal, time_format = args.thousands, args.decimal, args.time_format
    if thousands is None and decimal is None and time_format is None:
        return None
    return CsvForm(thousands or "", "." if decimal is None else decimal, time_format or "")
