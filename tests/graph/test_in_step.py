"""Data layers kept in step: who leads, what a batch holds, and every mistake in the text."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.opening import LOOKING
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.in_step import leaders, leaders_first
from mycaffe_py.layers.data.fed_layer import feed_of
from mycaffe_py.told_once import begin
from tests.graph.nets import graph_of, located_of

SKETCHES = {"apple": 6, "pear": 5, "fig": 4}
# The same classes, numbered otherwise, and one more.
PHOTOS = {"fig": 3, "pear": 9, "plum": 4, "apple": 5}


def _dataset(name: str, counts: dict[str, int], start: int, size: int = 2) -> None:
    """A data set whose images are filled with 10 * class number of SKETCHES + `start`."""
    numbers = np.repeat(np.arange(len(counts)), list(counts.values()))
    order = np.random.default_rng(3).permutation(len(numbers))
    names = list(counts)
    known = [*SKETCHES, "plum"]
    values = np.array([10 * known.index(names[number]) + start for number in numbers])
    images = np.broadcast_to(values[order, None, None, None], (len(order), 1, size, size))
    source = make_source(
        f"{name}.training", images.astype(np.uint8), numbers[order], dict(enumerate(names))
    )
    write_dataset(dataset_path(name), name, {"training": source})


@pytest.fixture(autouse=True)
def two_sources() -> None:
    _dataset("sketches", SKETCHES, 1)
    _dataset("photos", PHOTOS, 2, size=3)


def _layer(name: str, source: str, options: str = "", more: str = "batch_size: 8") -> str:
    return (
        f'layer {{ name: "{name}" type: "Data" top: "{name}" top: "{name}_label"\n'
        f'  data_param {{ source: "{source}.training" {more} {options} }} }}\n'
    )


def _net(text: str) -> Net:
    return Net(graph_of(text, passes=ALL_PASSES, seed=3), seed=3)


LEADS = _layer("s", "sketches")
FOLLOWS = _layer("p", "photos", 'synchronize_with: "s"')


@pytest.mark.parametrize(
    "text",
    [
        LEADS + FOLLOWS,
        FOLLOWS + LEADS,
        LEADS + _layer("p", "photos", 'primary_data: false synchronize_with: "s"'),
        _layer("s", "sketches", 'synchronize_with: "p"')
        + _layer("p", "photos", "synchronize_target: true"),
        _layer("s", "sketches", 'synchronize_with: "p"')
        + _layer("p", "photos", 'synchronize_target: true synchronize_with: "s"'),
    ],
)
def test_however_it_is_written_photos_follow_sketches_by_the_names_of_labels(text: str) -> None:
    net = _net(text)
    for batch in range(3):
        net.forward(batch)
        # 10 * class + 1 for a sketch, + 2 for a photo.
        assert np.array_equal(net.blob("p")[:, 0, 0, 0], net.blob("s")[:, 0, 0, 0] + 1)
        assert np.array_equal(net.blob("p_label"), net.blob("s_label"))
        assert np.array_equal(net.blob("s")[:, 0, 0, 0] // 10, net.blob("s_label"))


def test_pairs_follow_pairs_image_by_image() -> None:
    pairs = "batch_size: 8 images_per_blob: 2 output_all_labels: true"
    net = _net(
        _layer("s", "sketches", more=pairs) + _layer("p", "photos", 'synchronize_with: "s"', pairs)
    )
    for batch in range(3):
        net.forward(batch)
        assert np.array_equal(net.blob("p")[..., 0, 0], net.blob("s")[..., 0, 0] + 1)
        labels = net.blob("p_label")
        assert np.array_equal(labels, net.blob("s_label"))
        assert np.array_equal(labels[:, 0] == labels[:, 1], np.arange(8) % 2 == 0)


def test_the_leader_balances_for_both() -> None:
    sizes = "batch_size: 6 labels_per_batch: 3 images_per_label: 2"
    follows = _layer("p", "photos", 'synchronize_with: "s"', "batch_size: 6")
    net = _net(_layer("s", "sketches", more=sizes) + follows)
    net.forward(0)
    assert sorted(net.blob("p_label").tolist()) == [0, 0, 1, 1, 2, 2]


def test_several_layers_follow_one_and_one_another() -> None:
    text = (
        _layer("third", "sketches", 'synchronize_with: "p"')
        + FOLLOWS
        + _layer("second", "photos", 'synchronize_with: "s"')
        + LEADS
    )
    layers = located_of(text)
    assert leaders(layers) == {"third": "p", "p": "s", "second": "s"}
    assert [one.param.name for one in leaders_first(layers)] == ["s", "p", "third", "second"]
    net = _net(text)
    net.forward(0)
    for name in ("third", "p", "second"):
        assert np.array_equal(net.blob(f"{name}_label"), net.blob("s_label"))


def test_a_net_without_such_layers_keeps_its_order() -> None:
    layers = located_of(_layer("b", "photos") + _layer("a", "sketches", "primary_data: false"))
    assert leaders(layers) == {}
    assert leaders_first(layers) == layers


def test_records_go_together_where_that_is_asked_for() -> None:
    _dataset("negatives", SKETCHES, 5)
    net = _net(LEADS + _layer("n", "negatives", 'synchronize_with: "s" synchronize_records: true'))
    net.forward(1)
    assert np.array_equal(net.blob("n")[..., 0, 0], net.blob("s")[..., 0, 0] + 4)


def test_layers_in_step_tell_the_same_classes() -> None:
    """Layers that count labels, as Decode, then have one size behind both."""
    feeds = [feed_of(node.plan.facts) for node in graph_of(LEADS + FOLLOWS).nodes]
    assert [feed.classes for feed in feeds if feed] == [(0, 1, 2)] * 2
    assert [feed.label_count for feed in feeds if feed] == [3, 3]
    assert graph_of(LEADS + FOLLOWS, opening=LOOKING).blobs["p_label"].label_count == 3


def test_classes_that_never_come_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    begin()
    _net(LEADS + FOLLOWS)
    _net(LEADS + FOLLOWS)
    told = capsys.readouterr().err
    assert told.count("1 class of photos.training (plum) is never drawn") == 1


CODE = (
    'layer { name: "s" type: "Data" top: "s" top: "s_label" data_param { batch_size: 8 }\n'
    '  python_source_param { module: "mixtures" param_str: "sketches.training 2" } }\n'
)
MISTAKES = [
    (LEADS + FOLLOWS.replace('"s"', '"S1"'), "names layer 'S1', which this net has not"),
    (LEADS + FOLLOWS.replace('"s"', '"p"'), "circle: p -> p"),
    (
        _layer("s", "sketches", 'synchronize_with: "p"') + FOLLOWS,
        "follow one another in a circle: s -> p -> s",
    ),
    (LEADS + _layer("p", "photos", "synchronize_target: true"), "no layer to follow"),
    (
        LEADS + FOLLOWS.replace("batch_size: 8", "batch_size: 4"),
        "layer 'p' (Data): batch_size is 4; the layer that it follows has 8",
    ),
    (
        LEADS + FOLLOWS.replace("batch_size: 8", "batch_size: 8 images_per_blob: 2"),
        "images_per_blob is 2; the layer that it follows has 1",
    ),
    (
        LEADS + FOLLOWS.replace("batch_size: 8", "batch_size: 8 label_balancing: true"),
        "label_balancing is true; layer 's', which it follows, decides",
    ),
    (
        _layer("s", "photos") + _layer("p", "sketches", 'synchronize_with: "s"'),
        "sketches.training has no image of 1 class of photos.training (plum)",
    ),
    (
        LEADS + FOLLOWS.replace("batch_size: 8", "batch_size: 8 synchronize_records: true"),
        "photos.training has 21 items; sketches.training has 15",
    ),
    (
        _layer("s", "sketches", 'synchronize_with: "p"')
        + _layer("t", "sketches", 'synchronize_with: "p"')
        + _layer("p", "photos", "synchronize_target: true"),
        "layer 'p' (Data) would follow two layers, 's' and 't'",
    ),
    (CODE + FOLLOWS, "layer 's' reads Python code"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_mistakes_are_told_with_their_place(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        _net(text)
    assert message in str(caught.value)
    assert "net.prototxt:" in str(caught.value)


def test_other_labels_in_the_same_records_are_an_error() -> None:
    _dataset("turned", dict(reversed(SKETCHES.items())), 1)
    text = LEADS + _layer("t", "turned", 'synchronize_with: "s" synchronize_records: true')
    with pytest.raises(UserError, match=r"item \d+ of turned.training is of class"):
        _net(text)
