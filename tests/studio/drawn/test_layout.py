"""Where the layers stand: data above loss, twins side by side, no two boxes in one place."""

from __future__ import annotations

import pytest

from mycaffe_py.proto.templates import template_path
from mycaffe_py.studio.check import check_model
from mycaffe_py.studio.drawn.layout import HEIGHT, WIDTH


def _net(name: str, phase: str = "TRAIN") -> dict:  # type: ignore[type-arg]
    path = template_path("model", name)
    found = check_model(path, path.read_text(encoding="utf-8"))
    assert found["error"] is None
    net = found["nets"][phase]
    assert [box["name"] for box in net["layout"]["layers"]] == [
        one["name"] for one in net["layers"]
    ]
    return dict(net)


@pytest.mark.parametrize("name", ["siamese_28x28", "siamese_lstm_telecom", "lenet", "squeezenet"])
def test_no_two_boxes_share_a_place(name: str) -> None:
    boxes = _net(name)["layout"]["layers"]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart = abs(one["x"] - other["x"]) >= WIDTH or abs(one["y"] - other["y"]) >= HEIGHT
            assert apart, (one["name"], other["name"])


@pytest.mark.parametrize("name", ["siamese_28x28", "lenet", "squeezenet"])
def test_what_makes_a_blob_stands_above_what_reads_it(name: str) -> None:
    boxes = _net(name)["layout"]["layers"]
    for box in boxes:
        assert all(boxes[maker]["y"] < box["y"] for maker in box["makers"])


def test_twins_stand_side_by_side_and_their_branches_are_lanes() -> None:
    net = _net("siamese_28x28")
    place = {box["name"]: box for box in net["layout"]["layers"]}
    names = [one["name"] for one in net["layers"]]
    pairs = {(names[one], names[other]) for one, other in net["layout"]["twins"]}
    assert {(name, f"{name}_p") for name in ("conv1", "conv2", "ip1", "feat")} <= pairs
    for name in ("conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "feat"):
        left, right = place[name], place[f"{name}_p"]
        assert left["y"] == right["y"]
        assert left["x"] + WIDTH <= right["x"]
    assert len({place[name]["x"] for name in ("conv1", "pool1", "conv2", "ip1")}) == 1


@pytest.mark.parametrize("name", ["siamese_28x28", "siamese_lstm_telecom", "resnet50", "googlenet"])
def test_no_line_goes_behind_a_box(name: str) -> None:
    boxes = _net(name)["layout"]["layers"]
    passed = 0
    for box in boxes:
        assert len(box["ways"]) == len(box["makers"])
        for maker, way in zip(box["makers"], box["ways"], strict=True):
            rows = [y for _, y in way]
            assert len({boxes[maker]["y"], *rows, box["y"]}) == len(rows) + 2
            for x, y in way:
                passed += 1
                assert boxes[maker]["y"] < y < box["y"]
                for other in boxes:
                    assert other["y"] != y or not other["x"] <= x <= other["x"] + WIDTH
    assert passed
