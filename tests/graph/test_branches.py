"""Branches of a Siamese net of which one was edited alone: what is told, and what is not."""

from __future__ import annotations

import re

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph import branches
from mycaffe_py.graph.compile import ALL_PASSES
from tests.graph.nets import branch, graph_of, inner_product, siamese

TEXT = siamese()
FEAT = "The branches 'feat' and 'feat_p' of layer 'loss' (ContrastiveLoss) differ: {}."


def _edit(layer: str, old: str, new: str, text: str = TEXT) -> str:
    """`text` with `old` replaced in the layer of that name alone."""
    lines = text.splitlines()
    place = next(i for i, line in enumerate(lines) if f'name: "{layer}" ' in line)
    assert old in lines[place]
    lines[place] = lines[place].replace(old, new)
    return "\n".join(lines)


def _without(layer: str, text: str = TEXT) -> str:
    return "\n".join(line for line in text.splitlines() if f'name: "{layer}" ' not in line)


def test_twins_are_not_told_of() -> None:
    assert graph_of(TEXT).differences == ()
    assert graph_of(TEXT, passes=ALL_PASSES).differences == ()
    assert graph_of(siamese(in_place=False, kind="Dropout")).differences == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_without("act_p"), "'act' (ReLU) has no twin"),
        (_without("act"), "'act_p' (ReLU) has no twin"),
        (
            _edit("ip_p", '"iw"', '"other"'),
            "'ip_p' shares its bias with 'ip', but not its weights",
        ),
        (
            _edit("conv", 'param { name: "cb" }', ""),
            "'conv_p' shares its weights with 'conv', but not its bias",
        ),
        (
            _edit("ip", 'param { name: "iw" } param { name: "ib" }', ""),
            "'ip_p' shares no parameters with 'ip'",
        ),
        (
            _edit("ip_p", "xavier", "msra"),
            "the weight_filler of 'ip_p' is not that of 'ip', which alone counts",
        ),
        (
            _edit("pool_p", "stride: 2", "stride: 2 pool: AVE"),
            "'pool' and 'pool_p' have pool MAX and AVE",
        ),
        (
            _edit("act_p", "ReLU", "TanH"),
            "'act' (ReLU) has no twin; 'act_p' (TanH) has no twin",
        ),
        (
            _edit("act_p", '"ip_p" }', '"ip_p" relu_param { negative_slope: 0.1 } }'),
            "'act' and 'act_p' have negative_slope 0 and 0.1",
        ),
        (
            _edit("pool_p", 'bottom: "conv_p"', 'bottom: "conv"'),
            "both begin with blob 'conv', so they are always alike",
        ),
        (
            re.sub(r'param \{ name: "\w+" \}', "", TEXT),
            "they share no parameters",
        ),
    ],
)
def test_what_was_edited_in_one_branch_is_named(text: str, told: str) -> None:
    assert graph_of(text).differences == (FEAT.format(told),)


def test_other_sizes_of_layers_that_share_nothing() -> None:
    text = _edit("ip_p", 'param { name: "iw" } param { name: "ib" }', "")
    text = _edit("ip_p", "num_output: 5", "num_output: 5 bias_term: false", text)
    assert graph_of(text).differences == (
        FEAT.format("'ip' and 'ip_p' have bias_term true and false; 'ip_p' shares no parameters "
                    "with 'ip'"),
    )  # fmt: skip


def test_what_changes_nothing_is_no_difference() -> None:
    for layer, old, new in (
        ("conv_p", "kernel_size: 3", "kernel_size: 3 stride: 1 pad: 0"),
        ("pool_p", "kernel_size: 2", "kernel_size: 2 pool: MAX engine: CAFFE"),
        ("conv", 'type: "Conv', 'exclude { phase: RUN } type: "Conv'),
    ):
        assert graph_of(_edit(layer, old, new)).differences == ()


def test_a_filler_that_does_not_count_keeps_no_twins_apart() -> None:
    graph = graph_of(_edit("ip_p", "xavier", "msra"), passes=("merge_twins",))
    assert "ip+ip_p" in [node.name for node in graph.nodes]


def test_an_uneven_slice_is_named_where_nothing_is_shared() -> None:
    text = re.sub(r'param \{ name: "\w+" \}', "", TEXT)
    text = text.replace("dim: 4 dim: 2 dim: 6", "dim: 4 dim: 6 dim: 6")
    text = text.replace('top: "a" top: "b" }', 'top: "a" top: "b" slice_param { slice_point: 1 } }')
    assert graph_of(text).differences == (
        FEAT.format(
            "'slice' (Slice) cuts them into (4, 1, 6, 6) and (4, 5, 6, 6); they share no parameters"
        ),
    )


def _triplet(third: str) -> str:
    return (
        "".join(
            f'layer {{ name: "{end}" type: "Input" top: "{end}" '
            "input_param { shape { dim: 4 dim: 1 dim: 6 dim: 6 } } }\n"
            for end in ("a", "p", "n")
        )
        + branch("_a", "a") + branch("_p", "p") + third
        + 'layer { name: "loss" type: "TripletLoss" bottom: "feat_a" bottom: "feat_p" '
        'bottom: "feat_n" top: "loss" }\n'
    )  # fmt: skip


def test_the_third_branch_of_a_triplet_net_that_reads_three_inputs() -> None:
    assert graph_of(_triplet(branch("_n", "n"))).differences == ()
    assert graph_of(_triplet(_without("act_n", branch("_n", "n")))).differences == (
        "The branches 'feat_a' and 'feat_n' of layer 'loss' (TripletLoss) differ: 'act_a' (ReLU) "
        "has no twin.",
    )


def test_many_differences_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT
    for layer, name in (("conv", "cw"), ("conv", "cb"), ("ip", "iw"), ("ip", "ib"), ("feat", "fw")):
        text = _edit(f"{layer}_p", f'"{name}"', f'"{name}_p"', text)
    text = _without("act_p", _edit("pool_p", "stride: 2", "stride: 2 pool: AVE", text))
    (line,) = graph_of(text).differences
    assert line.count(";") == 4
    monkeypatch.setattr(branches, "_TOLD", 2)
    (line,) = graph_of(text).differences
    assert line.count(";") == 2
    assert line.endswith("; and 3 more.")


def test_branches_that_meet_in_another_layer_are_compared_from_what_they_share_on() -> None:
    """Heads over two levels of a pyramid share weights, what comes before them does not."""
    levels = (
        'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 5 } } }\n'
        + inner_product("up", "x", "wide", outputs=5)
        + 'layer { name: "squash" type: "TanH" bottom: "wide" top: "wide" }\n'
    )
    heads = "".join(
        inner_product(f"head{n}", blob, f"head{n}", 'param { name: "w" } param { name: "b" }')
        + f'layer {{ name: "act{n}" type: "ReLU" bottom: "head{n}" top: "head{n}" }}\n'
        for n, blob in ((0, "x"), (1, "wide"))
    )
    join = 'layer { name: "both" type: "Concat" bottom: "head0" bottom: "head1" top: "both" }\n'
    assert graph_of(levels + heads + join).differences == ()
    assert graph_of(levels + _without("act1", heads) + join).differences == (
        "The branches 'head0' and 'head1' of layer 'both' (Concat) differ: 'act0' (ReLU) has no "
        "twin.",
    )


# ---- parameters that cannot be shared ----

PAIR = TEXT.replace("dim: 4 dim: 2 dim: 6", "dim: 4 dim: CHANNELS dim: 6").replace(
    'top: "a" top: "b" }', 'top: "a" top: "b" slice_param { slice_point: 1 } }'
)


def test_a_slice_that_cuts_a_pair_unevenly_is_named_as_the_cause() -> None:
    with pytest.raises(UserError) as caught:
        graph_of(PAIR.replace("CHANNELS", "6"))
    assert str(caught.value) == (
        "net.prototxt:3: layer 'slice' (Slice): axis 1 of bottom 'pair' (4, 6, 6, 6) is cut into 1 "
        "and 5; branches that share weights have parts of one size; layer 'conv_p' (Convolution): "
        "parameter 0 ('cw') is (2, 5, 3, 3); its owner, layer 'conv', has (2, 1, 3, 3), and a "
        "shared parameter has one shape. Write slice_point: 3: 2 equal parts have 3 each."
    )
    with pytest.raises(UserError, match="7 cannot be cut into 2 equal parts"):
        graph_of(PAIR.replace("CHANNELS", "7"))
    graph_of(PAIR.replace("CHANNELS", "6").replace("slice_point: 1", "slice_point: 3"))


@pytest.mark.parametrize(
    ("text", "do"),
    [
        (_edit("ip_p", "num_output: 5", "num_output: 6"), "Give both layers the same sizes."),
        (
            _edit("pool_p", "stride: 2", "stride: 1"),
            "The branches part at layers 'pool' and 'pool_p': give both the same layers with the "
            "same sizes.",
        ),
        (
            _triplet(branch("_n", "n")).replace('top: "n" input_param { shape { dim: 4 dim: 1',
                                                'top: "n" input_param { shape { dim: 4 dim: 3'),
            "it comes of blob 'n' (4, 3, 6, 6), the owner of 'a' (4, 1, 6, 6). Give both branches "
            "inputs of one shape.",
        ),
    ],
)  # fmt: skip
def test_other_causes_are_named_and_no_weights_are_unshared(text: str, do: str) -> None:
    with pytest.raises(UserError) as caught:
        graph_of(text)
    assert str(caught.value).endswith(do)
    assert "different names" not in str(caught.value)
