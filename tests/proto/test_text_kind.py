"""What is given in the place of a text, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text_file

WANTED = "; a model text is wanted."
TEXTS = {
    '{"name": "x", "layers": []}': f"this is a JSON file{WANTED}",
    '[{"name": "x"}]': f"this is a JSON file{WANTED}",
    "\n<!DOCTYPE html><html></html>": f"this is an HTML page{WANTED} "
    "Was the page that shows the file saved? Download the raw file.",
    '<?xml version="1.0"?>': f"this is an XML text{WANTED}",
    "404: Not Found": f"this is the answer of a web site that has no such file{WANTED}",
    "version https://git-lfs.github.com/spec/v1\noid sha256:0": "this is a pointer of Git LFS"
    f"{WANTED} Get the file itself with: git lfs pull.",
    "# net\nimport caffe\nn = caffe.NetSpec()": f"this is a Python program{WANTED} "
    "Give the text that the program writes.",
    "name: x\nlayers:\n  - type: conv\n": f"this is a YAML text{WANTED}",
    "item {\n  name: 'cat'\n  label: 1\n}": f"this is a label map of the SSD fork{WANTED}",
    "a/cat.jpg 3\na/dog.jpg 4\n": f"this is a list of pictures{WANTED} "
    "The source: field of an ImageData layer names it.",
}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_texts_of_other_kinds_are_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_text_file(path, pb.NetParameter)
    assert str(caught.value).rstrip(".") == f"{path}: {TEXTS[text]}".rstrip(".")


def test_a_binary_file_of_no_known_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\1\2\3\xff")
    with pytest.raises(UserError) as caught:
        read_text_file(path, pb.NetParameter)
    assert str(caught.value) == f"{path}: this is a binary file; a text is wanted."


@pytest.mark.parametrize("text", ["item: 3", "import: 1", '# <html>\n# item {\nname: "a"'])
def test_a_text_that_only_resembles_one_is_read_or_told_by_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(text)
    try:
        assert read_text_file(path, pb.NetParameter).message.name == "a"
    except UserError as error:
        assert str(error).startswith(f"{path}:1: unknown field")
