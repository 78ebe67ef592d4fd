"""One window of counters from a CSV file, from training to its name."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.evaluate.enrollment.identify import identify
from mycaffe_py.trained.kept_threshold import given_threshold
from mycaffe_py.trained.snapshot import open_snapshot
from tests.conftest import SMALL_SOLVER, Result

NET = """
name: "Link"
layer {
  name: "windows" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  data_param { source: "LINK.training" batch_size: 16 }
}
layer {
  name: "windows" type: "Data" top: "data" top: "label" include { phase: TEST }
  data_param { source: "LINK.testing" batch_size: 16 }
}
layer {
  name: "feat" type: "InnerProduct" bottom: "data" top: "feat"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } }
}
layer {
  name: "decode" type: "Decode" bottom: "feat" bottom: "label" top: "decode"
  decode_param { cache_size: 5 }
}
layer { name: "quiet" type: "Silence" bottom: "decode" exclude { phase: RUN } }
layer {
  name: "score" type: "InnerProduct" bottom: "feat" top: "score" exclude { phase: RUN }
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } }
}
layer {
  name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss"
  exclude { phase: RUN }
}
"""


@pytest.fixture
def link(mycaffe: Callable[..., Result], tmp_path: Path) -> Path:
    """A net that tells two patterns of telecom traffic apart, and a window of a third as CSV."""
    made = [
        ("create", "telecom", "--name", "LINK", "--patterns", "normal,blocked", "--hours", "0.5"),
        ("create", "telecom", "--name", "NEW", "--patterns", "storm,loop", "--hours", "0.1"),
        ("export", "NEW.testing", "csv", "new.csv", "--label", "signalling storm"),
        ("export", "LINK.testing", "csv", "blocked.csv", "--label", "blocked"),
    ]
    for arguments in made:
        result = mycaffe("dataset", *arguments)
        assert result.code == 0, result.err
    (tmp_path / "link.prototxt").write_text(NET)
    solver = SMALL_SOLVER.replace("NAME", "link").replace("TESTS", "").replace("150", "60")
    (tmp_path / "link.solver").write_text(solver.replace("0.05", "0.002"))
    assert mycaffe("train", "--solver", "link.solver", "--seed", "1").code == 0
    return tmp_path


@pytest.mark.slow
def test_a_window_is_named_and_a_new_fault_enrolled(
    mycaffe: Callable[..., Result], link: Path
) -> None:
    first = json.loads(mycaffe("identify", "blocked.csv", "--json").out)[0]
    assert first["label"] == "blocked" and set(first["distances"]) == {"normal", "blocked"}
    result = mycaffe("enroll", "--label", "storm", "new.csv")
    assert result.code == 0, result.err
    second = json.loads(mycaffe("identify", "new.csv", "--json").out)[0]
    assert (second["label"], second["enrolled"]) == ("storm", True)
    assert second["distance"] == pytest.approx(0, abs=1e-6)
    (path,) = (link / "snapshots").glob("*.enrolled.json")
    assert "packets_in" in json.loads(path.read_text())["counters"]


@pytest.mark.slow
def test_without_its_data_set_the_net_still_reads_windows(
    mycaffe: Callable[..., Result], link: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = link / "snapshots" / "link_iter_60.caffemodel"
    (known,) = identify(open_snapshot(snapshot), [link / "blocked.csv"], given_threshold(1e9)).found
    monkeypatch.setenv("MYCAFFE_DATA", str(link / "elsewhere"))
    (found,) = identify(
        open_snapshot(snapshot), [Path(link / "blocked.csv")], given_threshold(1e9)
    ).found
    assert found.distance == known.distance
    assert found.nearest == "blocked"


@pytest.mark.slow
def test_new_classes_are_strangers_whatever_their_numbers(
    mycaffe: Callable[..., Result], link: Path
) -> None:
    result = mycaffe("threshold", "--source", "NEW.testing")
    assert result.code == 2
    assert "NEW.testing has no item of a class that" in result.err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["picture.png", "short.csv"])
def test_what_is_no_window(mycaffe: Callable[..., Result], link: Path, name: str) -> None:
    (link / "picture.png").write_bytes(b"\x89PNG")
    lines = (link / "blocked.csv").read_text().splitlines()
    (link / "short.csv").write_text("\n".join(lines[:-3]))
    result = mycaffe("identify", name)
    assert result.code == 2 and result.err.count("\n") == 1
