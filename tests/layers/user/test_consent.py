"""What code a text can name, with consent and without."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.opening import LOOKING, MEASURING, RUNNING, NeedsConsentError, Opening
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto.model_text import read_net

SOURCE = """
layer {
  name: "d" type: "Data" top: "x" top: "t" data_param { batch_size: 2 }
  python_source_param { module: "MODULE" function: "FUNCTION" }
}
layer { name: "s" type: "Softmax" bottom: "x" top: "y" }
"""
LAYER = """
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 3 } } }
layer { name: "p" type: "Python" bottom: "x" top: "y"
  python_param { module: "MODULE" layer: "FUNCTION" } }
layer { name: "n" type: "Softmax" bottom: "x" top: "z" }
"""
CODE = """
import numpy as np
from pathlib import Path
(Path(__file__).parent / "RAN").write_text("")


def rows():
    while True:
        yield np.ones((1, 2, 2), np.float32), 0
"""


def _compiled(folder: Path, text: str, opening: Opening, module: str, function: str = "rows"):
    text = text.replace("MODULE", module).replace("FUNCTION", function)
    read = read_net(text, str(folder / "net.prototxt"))
    return compile_net(NetText(read.message, read.locations, State()), opening=opening)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module beside the text, loaded nowhere."""
    name = f"code_of_{tmp_path.name}"
    monkeypatch.setitem(sys.modules, name, sys)
    monkeypatch.delitem(sys.modules, name)
    (tmp_path / f"{name}.py").write_text(CODE)
    return name


@pytest.mark.parametrize("text", [SOURCE, LAYER])
def test_who_looks_leaves_out_what_code_would_tell_and_goes_on(
    tmp_path: Path, module: str, text
) -> None:
    graph = _compiled(tmp_path, text, LOOKING, module)
    assert not (tmp_path / "RAN").exists()
    assert module not in sys.modules
    first = graph.unknown[0]
    assert f"runs 'rows' of module '{module}' ({tmp_path / module}.py)" in first.why
    assert "--run-code" in first.why
    assert f"mycaffe trust '{tmp_path}'" in first.why


def test_what_reads_of_it_is_unknown_too_and_everything_else_is_known(
    tmp_path: Path, module: str
) -> None:
    graph = _compiled(tmp_path, SOURCE, LOOKING, module)
    assert [(one.name, one.tops) for one in graph.unknown] == [("d", ("x", "t")), ("s", ("y",))]
    graph = _compiled(tmp_path, LAYER, LOOKING, module)
    assert [one.name for one in graph.unknown] == ["p"]
    assert graph.blobs["z"].shape == (1, 3)


def test_a_left_out_layer_reads_its_bottoms_and_they_have_the_names_of_the_text(
    tmp_path: Path, module: str
) -> None:
    text = LAYER.replace('bottom: "x" top: "z"', 'bottom: "x" bottom: "y" top: "z"')
    text = text.replace('type: "Softmax"', 'type: "Eltwise"') + (
        'layer { name: "m" type: "Softmax" bottom: "x" top: "w" }'
    )
    graph = _compiled(tmp_path, text, LOOKING, module)
    assert [(one.name, one.bottoms) for one in graph.unknown] == [("p", ("x",)), ("n", ("x", "y"))]
    assert graph.outputs == ("w",)


@pytest.mark.parametrize("text", [SOURCE, LAYER])
def test_who_measures_stops_with_the_line(tmp_path: Path, module: str, text) -> None:
    with pytest.raises(NeedsConsentError, match="runs with your consent only"):
        _compiled(tmp_path, text, MEASURING, module)
    assert not (tmp_path / "RAN").exists()


def test_who_trains_runs_it_as_caffe_does(tmp_path: Path, module: str) -> None:
    graph = _compiled(tmp_path, SOURCE, RUNNING, module)
    assert graph.blobs["x"].shape == (2, 1, 2, 2)
    assert (tmp_path / "RAN").exists()


def test_with_consent_who_looks_is_told_the_shapes(tmp_path: Path, module: str) -> None:
    opening = Opening(makes_data=False, heads=True, trusted=(tmp_path.resolve(),))
    assert _compiled(tmp_path, SOURCE, opening, module).blobs["x"].shape == (2, 1, 2, 2)


def test_trust_in_one_folder_is_none_in_the_current_one(
    tmp_path: Path, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code of the current folder does not run because some other folder is trusted."""
    (tmp_path / "net").mkdir()
    monkeypatch.chdir(tmp_path)
    opening = Opening(trusted=((tmp_path / "net").resolve(),))
    with pytest.raises(NeedsConsentError, match=f"mycaffe trust '{tmp_path}'"):
        _compiled(tmp_path / "net", SOURCE, opening, module)
    assert not (tmp_path / "RAN").exists()
    opening = Opening(trusted=(tmp_path.resolve(),))
    assert _compiled(tmp_path / "net", SOURCE, opening, module).blobs["x"].shape == (2, 1, 2, 2)


def test_the_advice_names_the_folder_of_the_run_card_not_the_one_it_tells(
    tmp_path: Path, module: str
) -> None:
    """A run card may tell any path of its texts; what counts is where it lies itself."""
    (tmp_path / "net").mkdir()
    (tmp_path / f"{module}.py").rename(tmp_path / "net" / f"{module}.py")
    opening = Opening(runs_code=False, opened=tmp_path / "downloads" / "a.run.json")
    with pytest.raises(NeedsConsentError, match=f"mycaffe trust '{tmp_path}/downloads'"):
        _compiled(tmp_path / "net", SOURCE, opening, module)
    opening = Opening(runs_code=False, opened=tmp_path / "net" / "snapshots" / "a.run.json")
    with pytest.raises(NeedsConsentError, match=f"mycaffe trust '{tmp_path}/net'"):
        _compiled(tmp_path / "net", SOURCE, opening, module)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("os", "abort"), ("sys", "exit"), ("code", "interact"), ("posix", "abort"),
        ("os.path", "exists"), ("antigravity", "geohash"), ("idlelib.idle", "main"),
        ("mycaffe_py.cli.main", "main"), ("mycaffe_py.data.source", "open_source"),
        ("mycaffe_py", "train"), ("caffe", "Net"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", [SOURCE, LAYER])
@pytest.mark.parametrize("opening", [LOOKING, RUNNING])
def test_no_module_of_python_or_of_the_package_is_called(
    tmp_path: Path, text, name: str, function: str, opening
) -> None:
    """With consent too: `os.abort` ended the program, `code.interact` opened a Python shell."""
    before = set(sys.modules)
    if opening is LOOKING:
        assert _compiled(tmp_path, text, opening, name, function).unknown
        assert not {new for new in set(sys.modules) - before if new in (name, "antigravity")}
    else:
        owner = "Python" if not name.startswith(("mycaffe_py", "caffe")) else "mycaffe-py"
        with pytest.raises(UserError, match=f"module '{name}' is a part of {owner}"):
            _compiled(tmp_path, text, opening, name, function)


def test_the_program_itself_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mycaffe_py.cli.main import entry

    monkeypatch.setattr(sys.modules["__main__"], "entry", entry, raising=False)
    with pytest.raises(UserError, match="'entry' of module '__main__'"):
        _compiled(tmp_path, SOURCE, RUNNING, "__main__", "entry")


def test_a_module_of_the_user_may_have_the_name_of_one_of_pythons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "xdrlib" if "xdrlib" in sys.stdlib_module_names else "chunk"
    monkeypatch.setitem(sys.modules, name, sys)
    monkeypatch.delitem(sys.modules, name)
    (tmp_path / f"{name}.py").write_text(CODE)
    assert _compiled(tmp_path, SOURCE, RUNNING, name).blobs["x"].shape == (2, 1, 2, 2)


def test_a_file_beside_the_text_does_not_make_pythons_own_module_callable(tmp_path: Path) -> None:
    (tmp_path / "os.py").write_text(CODE)
    with pytest.raises(UserError, match="module 'os' is a part of Python"):
        _compiled(tmp_path, SOURCE, RUNNING, "os", "abort")


# ---- sources that come with the package ----------------------------------------------------------

MIXED = """
layer {
  name: "d" type: "Data" top: "x" top: "t" data_param { batch_size: 24 }
  python_source_param { NAMED param_str: "telecom.training 12" }
}
"""
OLD = 'module: "mycaffe_py.data.counters.mixtures" function: "Mixtures"'


def _mixed(folder: Path, named: str, opening: Opening = RUNNING):
    read = read_net(MIXED.replace("NAMED", named), str(folder / "net.prototxt"))
    return compile_net(NetText(read.message, read.locations, State()), opening=opening)


def test_a_named_source_needs_no_consent_and_makes_no_data_to_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path / "data"))
    graph = _mixed(tmp_path, 'module: "mixtures"', LOOKING)
    assert graph.unknown == ()
    assert [graph.blobs[name].shape for name in ("x", "t")] == [(24, 1, 30, 9), (24,)]
    assert not (tmp_path / "data").exists()
    with pytest.raises(UserError, match="dataset create telecom"):
        _mixed(tmp_path, 'module: "mixtures"', MEASURING)
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_the_name_and_the_old_path_give_the_same_bits(tmp_path: Path) -> None:
    """So a run goes on from a snapshot whose texts have the old path."""
    batches = []
    for named in ('module: "mixtures"', OLD, 'module: "mixtures" function: "Mixtures"'):
        net = Net(_mixed(tmp_path, named), seed=3)
        net.forward(5)
        batches.append(net.blob("x").copy())
    np.testing.assert_array_equal(batches[0], batches[1])
    np.testing.assert_array_equal(batches[0], batches[2])


def test_a_copy_of_the_users_own_is_code_of_his(tmp_path: Path) -> None:
    (tmp_path / "mixtures.py").write_text(CODE)
    graph = _mixed(tmp_path, 'module: "mixtures" function: "Mixtures"', LOOKING)
    assert "mixtures.py" in graph.unknown[0].why
    assert _mixed(tmp_path, 'module: "mixtures"', LOOKING).unknown == ()
