from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.head import read_head
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text, text_folder

NAMES = sorted(path.stem for path in (text_folder("models") / "heads").glob("*.prototxt"))
# Values that learn on features of 500 numbers.
LEARNED = {
    "absolute": 501 * 128 + 129,
    "concatenation": 1001 * 128 + 129,
    "contrastive_16": 501 * 16,
    "contrastive_2": 501 * 2,
    "contrastive_64": 501 * 64,
    "cosine": 501 * 128 + 2,
    "difference": 501 * 128 + 129,
    "margin": 501 * 64,
    "mlp": 1001 * 128 + 129 * 32 + 33,
    "product": 501 * 128 + 129,
    "triplet": 501 * 64,
}
PAIRS = """layer { name: "in" type: "Input" top: "a" top: "b" top: "same"
  input_param { shape { dim: 8 dim: 4 } } }
"""


def test_all_heads_are_there() -> None:
    assert sorted(LEARNED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_head_compiles_as_it_stands_and_has_the_known_size(name) -> None:
    head = read_head(name)
    graph = compile_net(NetText(head.text.net, head.text.where, State(pb.TRAIN)))
    assert sum(param.count for param in graph.params.values()) == LEARNED[name]
    assert any(node.has_loss and node.backward for node in graph.nodes)
    assert head.images == (("a", "p", "n") if name == "triplet" else ("a", "b"))
    encodes = name.startswith("contrastive") or name in ("triplet", "margin")
    assert head.ending == ("feat" if encodes else "score")
    assert head.rows * (2 if head.images == ("a", "b") else 4) == 128
    assert not head.sweep


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_is_explained(name) -> None:
    lines = find_text(name, "head").read_text().splitlines()
    assert lines[0].startswith("# Head: ")
    for number, line in enumerate(lines):
        if line == "layer {":
            assert lines[number - 1].startswith("# "), lines[number + 1]


def test_the_inputs_are_sized() -> None:
    net = read_head("cosine").sized(10, 7)
    compiled = compile_net(NetText(net, read_head("cosine").text.where, State(pb.TRAIN)))
    assert compiled.blobs["a"].shape == compiled.blobs["b"].shape == (10, 7)
    assert compiled.blobs["same"].shape == (10,)


def test_a_file_is_found_by_its_path_and_its_sweep_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.prototxt"
    text = find_text("cosine", "head").read_text()
    file.write_text(f"{text}# sweep: base_lr 0.1 0.01\n  # sweep: solver.momentum 0.5\n")
    head = read_head(str(file))
    assert head.name == "mine"
    assert head.sweep == (("base_lr", ("0.1", "0.01")), ("momentum", ("0.5",)))


def _write(tmp_path: Path, text: str) -> str:
    file = tmp_path / "mine.prototxt"
    file.write_text(text)
    return str(file)


def test_inputs_of_another_kind_are_refused(tmp_path: Path) -> None:
    text = 'layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 8 } } }'
    with pytest.raises(UserError, match="the inputs are x; a head begins with Input layers"):
        read_head(_write(tmp_path, text))


def test_a_head_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="neither a blob 'score' nor a blob 'feat'"):
        read_head(_write(tmp_path, PAIRS))


def test_a_sweep_without_values_names_its_line(tmp_path: Path) -> None:
    text = PAIRS + 'layer { name: "s" type: "Eltwise" bottom: "a" bottom: "b" top: "score" }\n'
    with pytest.raises(UserError, match=r"mine.prototxt:4: a sweep without values"):
        read_head(_write(tmp_path, f"{text}# sweep: base_lr\n"))


def test_an_unknown_head_names_those_that_are_there() -> None:
    with pytest.raises(UserError, match=r"there is no head 'cosin'.*Known: .*, cosine.prototxt"):
        read_head("cosin")
