"""What steers a terminal is written out, all else is kept."""

from mycaffe_py.printable import one_line, printable, shown


def test_only_what_steers_is_written_out() -> None:
    kept = "a\tb\n\u00e9 \u65e5\u672c \U0001f469\u200d\U0001f692"
    assert printable(f"{kept}\x1b[2J\r\x07\udce9") == f"{kept}\\x1b[2J\\x0d\\x07\\xe9"
    assert shown("a\n" + "b" * 99) == "a\\x0a" + "b" * 58 + "..."


def test_a_name_in_a_table_stays_in_its_line() -> None:
    assert one_line("a\nb\tc\x1b") == "a\\x0ab\\x09c\\x1b"
