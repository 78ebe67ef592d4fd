from pathlib import Path

from mycaffe_py.files.other_encoding import other_encoding


def test_the_line_and_the_byte_are_told(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("time,load\n1,2\n3,größe\n".encode("latin-1"))
    error = other_encoding(path)
    assert str(error).startswith(f"{path}:3: this is no UTF-8 (byte 0xf6); a text in UTF-8")
    assert error.exit_code == 2
