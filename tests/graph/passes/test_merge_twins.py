from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.passes.merge_twins import merge_twins
from tests.graph.nets import graph_of, inner_product, siamese


def _run(net: Net) -> tuple[float, dict[str, np.ndarray]]:
    random = np.random.default_rng(3)
    net.feed({"pair": random.standard_normal((4, 2, 6, 6)), "sim": np.array([1.0, 0, 1, 0])})
    loss = net.forward()
    net.clear_gradients()
    net.backward()
    return loss, {key: net.gradients[key].copy() for key in net.graph.params}


@pytest.mark.parametrize("in_place", [True, False])
def test_merged_and_plain_agree_and_blobs_keep_their_names(in_place: bool) -> None:
    plain = graph_of(siamese(in_place=in_place))
    merged = merge_twins(plain)
    assert [n.name for n in merged.nodes if "+" in n.name] == [
        "conv+conv_p", "pool+pool_p", "ip+ip_p", "act+act_p", "feat+feat_p",
    ]  # fmt: skip
    one, two = Net(plain, dtype=np.float64), Net(merged, dtype=np.float64)
    (loss, gradients), (merged_loss, merged_gradients) = _run(one), _run(two)
    assert merged_loss == pytest.approx(loss, rel=1e-12)
    for key, gradient in gradients.items():
        # A bias moves both features alike, so pairs leave the last one without a gradient.
        assert np.abs(gradient).max() > 0 or key == "feat[1]"
        np.testing.assert_allclose(merged_gradients[key], gradient, rtol=1e-9, atol=1e-12)
    for name in plain.blobs:
        np.testing.assert_allclose(two.blob(name), one.blob(name), rtol=1e-12)


def test_producers_write_straight_into_the_stacked_rows() -> None:
    net = Net(merge_twins(graph_of(siamese())))
    assert np.shares_memory(net.blob("a"), net.blob("a+b"))
    assert not any(node.name.startswith("stack_") for node in net.graph.nodes)


def test_one_blob_into_both_branches_is_stacked_by_a_concat() -> None:
    text = (
        siamese()
        .replace('bottom: "b" top: "conv_p"', 'bottom: "a" top: "conv_p"')
        .replace('top: "a" top: "b"', 'top: "a" top: "unused"')
    )
    plain = graph_of(text)
    merged = merge_twins(plain)
    assert any(node.name.startswith("stack_") for node in merged.nodes)
    one, two = _run(Net(plain, dtype=np.float64)), _run(Net(merged, dtype=np.float64))
    assert two[0] == pytest.approx(one[0], rel=1e-12)
    np.testing.assert_allclose(two[1]["conv[0]"], one[1]["conv[0]"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"cb" } convolution_param { num', '"cb" } convolution_param { stride: 1 pad: 0 num'),
        ('"conv_p" top: "pool_p" pooling_param {', '"conv_p" top: "pool_p" pooling_param { pad: 0'),
        ('bottom: "ip_p" top: "ip_p" }', 'bottom: "ip_p" top: "ip_p" relu_param { } }'),
    ],
)
def test_a_default_that_one_branch_spells_out_is_no_other_option(old: str, new: str) -> None:
    text = siamese()
    place = text.rindex(old)
    text = text[:place] + new + text[place + len(old) :]
    merged = merge_twins(graph_of(text))
    assert [n.name for n in merged.nodes if "+" in n.name] == [
        "conv+conv_p", "pool+pool_p", "ip+ip_p", "act+act_p", "feat+feat_p",
    ]  # fmt: skip


def test_refusals_say_why() -> None:
    text = siamese()
    other = text.replace(
        'name: "conv_p" type: "Convolution" bottom: "b" top: "conv_p" param',
        'name: "conv_p" type: "Convolution" bottom: "b" top: "conv_p" propagate_down: true param',
    )
    graph = merge_twins(graph_of("force_backward: false\n" + other))
    assert any("not merged: their gradients are wanted differently" in n for n in graph.notes)


def test_a_layer_used_on_its_own_output_is_not_merged() -> None:
    shared = 'param { name: "w" } param { name: "b" }'
    text = (
        'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 4 dim: 3 } } }\n'
        + inner_product("one", "x", "y", shared)
        + inner_product("two", "y", "z", shared)
    )
    graph = merge_twins(graph_of(text))
    assert any("one branch reads what another makes" in note for note in graph.notes)
    assert len(graph.nodes) == 3


def _recurrent(options: str, cont: bool = False) -> str:
    """Three windows (5, 4, 2) through an LSTM and an InnerProduct of the same weights."""
    text = 'layer { name: "x" type: "Input" top: "a" top: "b" top: "c" top: "cont"\n'
    text += "input_param { " + 3 * "shape { dim: 5 dim: 4 dim: 2 } " + "shape { dim: 5 dim: 4 } } }"
    marks = 'bottom: "cont"' if cont else ""
    for part in "abc":
        text += (
            f'\nlayer {{ name: "m{part}" type: "LSTM" bottom: "{part}" {marks} top: "h{part}" '
            'param { name: "x" } param { name: "b" } param { name: "h" } recurrent_param { '
            f'num_output: 3 {options} weight_filler {{ type: "xavier" }} }} }}\n'
            + inner_product(
                f"f{part}", f"h{part}", f"f{part}", 'param { name: "w" } param { name: "v" }'
            )
        )
    return text + (
        '\nlayer { name: "loss" type: "TripletLoss" bottom: "fa" bottom: "fb" bottom: "fc" '
        'top: "loss" }'
    )


def test_recurrent_branches_run_on_stacked_rows() -> None:
    text = _recurrent("batch_first: true last_step_only: true")
    plain = graph_of(text)
    merged = merge_twins(plain)
    assert [n.name for n in merged.nodes if "+" in n.name and "stack" not in n.name] == [
        "ma+mb+mc",
        "fa+fb+fc",
    ]
    found = []
    for graph in (plain, merged):
        net = Net(graph, dtype=np.float64)
        random = np.random.default_rng(3)
        net.feed({name: random.standard_normal((5, 4, 2)) for name in "abc"})
        loss = net.forward()
        net.clear_gradients()
        net.backward()
        found.append((loss, {key: net.gradients[key].copy() for key in graph.params}))
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-12)
    for key, gradient in found[0][1].items():
        np.testing.assert_allclose(found[1][1][key], gradient, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("options", ["", "batch_first: true"])
def test_states_that_go_on_and_steps_in_front_are_not_stacked(options: str) -> None:
    text = _recurrent(options, cont=bool(options))
    graph = merge_twins(graph_of(text))
    reason = "they have several bottoms or tops" if options else "the rows of a LSTM layer depend"
    assert any(f"ma, mb, mc not merged: {reason}" in note for note in graph.notes)
