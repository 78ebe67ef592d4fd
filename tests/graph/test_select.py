from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.select import State, located_layers, meets, select
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ({}, True),
        ({"phase": pb.TEST}, False),
        ({"phase": pb.TRAIN}, True),
        ({"phase": pb.ALL}, True),
        ({"min_level": 2}, True),
        ({"min_level": 3}, False),
        ({"max_level": 1}, False),
        ({"stage": ["a"]}, True),
        ({"stage": ["a", "c"]}, False),
        ({"not_stage": ["c"]}, True),
        ({"not_stage": ["b"]}, False),
        ({"phase": pb.TRAIN, "stage": ["c"]}, False),
    ],
)
def test_rules(rule: dict[str, object], met: bool) -> None:
    assert meets(pb.NetStateRule(**rule), State(pb.TRAIN, 2, ("a", "b"))) is met


def _names(text: str, state: State) -> list[str]:
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return [
        layer.param.name
        for layer in select(located_layers(parsed.message, parsed.locations), state)
    ]


def test_include_wants_one_rule_exclude_drops_on_one() -> None:
    text = """
    layer { name: "always" }
    layer { name: "train" include { phase: TRAIN } }
    layer { name: "both" include { phase: TRAIN } include { phase: TEST } }
    layer { name: "not_run" exclude { phase: RUN } }
    """
    assert _names(text, State(pb.TRAIN)) == ["always", "train", "both", "not_run"]
    assert _names(text, State(pb.TEST)) == ["always", "both", "not_run"]
    assert _names(text, State(pb.RUN)) == ["always"]


def test_include_and_exclude_together_are_refused() -> None:
    text = 'layer { name: "x"\n include { phase: TRAIN }\n exclude { phase: TEST } }'
    with pytest.raises(UserError, match=r"net.prototxt:3: layer 'x' has both"):
        _names(text, State(pb.TRAIN))


def test_states_merge_with_later_ones_winning() -> None:
    merged = State.merged(
        pb.TRAIN, pb.NetState(level=1, stage=["a"]), pb.NetState(phase=pb.TEST, stage=["b"])
    )
    assert merged == State(pb.TEST, 1, ("a", "b"))
