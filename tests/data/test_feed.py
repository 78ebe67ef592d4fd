import numpy as np
import pytest

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.feed import Feed, feed_for
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.selection.selection import Selection
from mycaffe_py.data.transform.transform import Augment, Transform, TransformSettings
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.data.made import small_source

SOURCE = small_source()


def _feed(per_blob=1, batch=6, settings=None, **more):
    selection = Selection(SOURCE.labels, batch, per_blob, seed=4)
    transform = Transform(settings or TransformSettings(), SOURCE.shape, train=True, seed=4)
    return Feed(SOURCE, selection, transform, **more)


def _filled(feed, batch, dtype=np.float32):
    tops = [np.full(shape, np.nan, dtype) for shape in feed.shapes]
    feed.fill(batch, tops)
    assert all(np.isfinite(top).all() for top in tops)
    return tops


def test_single_images() -> None:
    feed = _feed()
    assert feed.shapes == [(6, 2, 5, 4), (6,)]
    assert feed.label_count == 3
    data, labels = _filled(feed, 2)
    records = feed.selection.records(2)[:, 0]
    assert np.array_equal(data, SOURCE.images[records])
    assert np.array_equal(labels, SOURCE.labels[records])


def test_pairs_stand_behind_each_other_in_the_channels() -> None:
    feed = _feed(2)
    assert feed.shapes == [(6, 4, 5, 4), (6, 1)]
    assert feed.label_count == 2
    data, flags = _filled(feed, 1)
    records = feed.selection.records(1)
    assert np.array_equal(data[:, :2], SOURCE.images[records[:, 0]])
    assert np.array_equal(data[:, 2:], SOURCE.images[records[:, 1]])
    assert flags[:, 0].tolist() == [1, 0, 1, 0, 1, 0]


def test_all_labels() -> None:
    feed = _feed(2, output_all_labels=True)
    assert feed.shapes[1] == (6, 2)
    assert feed.label_count == 3
    _, labels = _filled(feed, 0)
    assert np.array_equal(labels, SOURCE.labels[feed.selection.records(0)])


def test_triplets() -> None:
    feed = _feed(3)
    assert feed.shapes == [(6, 6, 5, 4), (6, 2)]
    assert _filled(feed, 0)[1].tolist() == [[1, 0]] * 6
    assert _feed(3, output_all_labels=True).shapes[1] == (6, 3)


def test_top_count() -> None:
    assert _feed(top_count=1).shapes == [(6, 2, 5, 4)]
    feed = _feed(2, top_count=3)
    assert np.array_equal(_filled(feed, 0)[2], feed.selection.records(0))


def test_the_first_label_may_be_forced() -> None:
    feed = _feed(2, output_all_labels=True, forced_primary_label=7)
    assert feed.label_count == 8
    assert (_filled(feed, 0)[1][:, 0] == 7).all()
    assert SOURCE.labels.max() == 2


def test_small_batches_are_made_at_once_and_large_or_warped_ones_ahead() -> None:
    values = _feed().shapes[0]
    assert _feed().quick
    assert not _feed(batch=(1 << 18) // int(np.prod(values[1:])) + 1).quick
    source = small_source()
    warped = Transform(TransformSettings(augment=Augment(shift=1)), source.shape, train=True)
    assert not Feed(source, Selection(source.labels, 6), warped).quick
    assert Feed(source, Selection(source.labels, 6), Transform(warped.settings, source.shape)).quick


def test_batches_are_pure() -> None:
    settings = TransformSettings(scale=0.1, mirror=True, crop_size=3)
    wanted = [_filled(_feed(2, settings=settings), batch) for batch in range(4)]
    feed = _feed(2, settings=settings)
    for batch in (3, 1, 1, 0, 2):
        for found, want in zip(_filled(feed, batch), wanted[batch], strict=True):
            assert np.array_equal(found, want)


# ---- from a layer's text ----

TEXT = """\
layer {
  name: "pairs"
  type: "Data"
  top: "data"
  top: "label"
  transform_param {
    scale: 0.5
  }
  data_param {
    source: "SMALL.training"
    batch_size: 6
    images_per_blob: 2
    backend: IMAGEDB
  }
}
"""


@pytest.fixture
def feed_of():
    sources = {"training": SOURCE, "one": small_source("SMALL.one", 4, 1)}
    write_dataset(dataset_path("SMALL"), "SMALL", sources)

    def build(text=TEXT, phase=pb.TRAIN, seed=1, notify=print):
        parsed = read_text(text, pb.NetParameter, "net.prototxt")
        where = parsed.locations.under("layer", 0)
        return feed_for(parsed.message.layer[0], phase, seed, where, notify)

    return build


def test_a_layers_feed(feed_of) -> None:
    feed = feed_of()
    assert feed.shapes == [(6, 4, 5, 4), (6, 1)]
    data = _filled(feed, 0)[0]
    records = feed.selection.records(0)
    assert np.array_equal(data[:, :2], SOURCE.images[records[:, 0]] * np.float32(0.5))
    assert feed.selection.random


def test_phases_layers_and_seeds_have_streams_of_their_own(feed_of) -> None:
    chance = TEXT.replace("backend", "enable_random_selection: true backend")
    first = feed_of(chance).selection.records(0)
    assert np.array_equal(first, feed_of(chance).selection.records(0))
    for other in (
        feed_of(chance, phase=pb.TEST),
        feed_of(chance, seed=2),
        feed_of(chance.replace('"pairs"', '"others"')),
    ):
        assert not np.array_equal(first, other.selection.records(0))


def test_order_when_nothing_is_said(feed_of) -> None:
    assert feed_of(TEXT).selection.random
    assert not feed_of(TEXT, phase=pb.TEST).selection.random
    assert not feed_of(TEXT.replace("IMAGEDB", "LMDB")).selection.random
    assert not feed_of(TEXT.replace("IMAGEDB", "LEVELDB")).selection.random
    assert feed_of(TEXT.replace("    backend: IMAGEDB\n", "")).selection.random


def test_the_transforms_seed_may_be_its_own(feed_of) -> None:
    mirror = TEXT.replace("scale: 0.5", "mirror: true random_seed: 9")
    one, two = feed_of(mirror, seed=1), feed_of(mirror, seed=2)
    assert one.transform.seed == two.transform.seed == 9
    assert one.selection.seed == 1


def test_a_stand_in_is_noticed_and_marked(feed_of, digits_only: None) -> None:
    heard = []
    text = TEXT.replace('"SMALL.training"', '"MNIST.training" stand_in: "digits28.training"')
    feed = feed_of(text, notify=heard.append)
    assert feed.source.stand_in_for == "MNIST.training"
    assert len(heard) == 1


def test_only_pairs_with_all_labels_force_one(feed_of) -> None:
    forced = TEXT.replace("batch_size", "forced_primary_label: 5 batch_size")
    assert feed_of(forced).label_count == 2
    assert (
        feed_of(forced.replace("batch_size", "output_all_labels: true batch_size")).label_count == 6
    )


BY_CLASS = (
    TEXT.replace("images_per_blob: 2", "labels_per_batch: 3")
    .replace("backend", "images_per_label: 2 backend")
    .replace('label"\n  transform', 'label"\n  top: "number"\n  transform')
    .replace("backend", "output_image_index: true backend")
)


def test_a_batch_of_classes_with_some_images_each(feed_of) -> None:
    for phase in (pb.TRAIN, pb.TEST):
        feed = feed_of(BY_CLASS, phase=phase)
        assert feed.shapes == [(6, 2, 5, 4), (6,), (6,)]
        data, labels, numbers = _filled(feed, 1)
        assert labels[::2].tolist() == labels[1::2].tolist()
        assert sorted(labels[::2]) == [0, 1, 2]
        assert np.array_equal(data, SOURCE.images[numbers.astype(int)] * np.float32(0.5))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("batch_size: 6", "batch_size: 8", "12: .*batch_size is 8; labels_per_batch 3 and images_"
         r"per_label 2 make batches of 6\. Write batch_size: 6\."),
        ("batch_size: 6", "", "batch_size is 0; labels_per_batch 3"),
        ("labels_per_batch: 3", "", "14: .*images_per_label 2 without labels_per_batch"),
        ("images_per_label: 2", "", "13: .*labels_per_batch 3 without images_per_label"),
        ("labels_per_batch: 3", "images_per_blob: 2 labels_per_batch: 3", "images_per_blob 2 with"),
        ("backend", "label_balancing: true backend", "label_balancing true with .* Delete label_b"),
        ("backend", "enable_random_selection: false backend", "enable_random_selection false with"),
        ("batch_size: 6\n    labels_per_batch: 3", "batch_size: 8 labels_per_batch: 4",
         "12: labels_per_batch is 4, but the source has images of 3 classes"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_batches_of_classes(
    feed_of, old: str, new: str, message: str
) -> None:
    assert old in BY_CLASS
    with pytest.raises(UserError, match=message):
        feed_of(BY_CLASS.replace(old, new))


MISTAKES = {
    "batch_size: 6": [
        ("batch_size: 0", r"net\.prototxt:11: layer 'pairs' \(Data\): batch_size is 0"),
        ("rand_skip: 3 batch_size: 6", "rand_skip is for LMDB and LevelDB folders"),
        ("display_timing: true batch_size: 6", "display_timing is not supported"),
        ("label_type: SCORE1 batch_size: 6", "label_type SCORE1 is not supported"),
        ("label_type: NONE batch_size: 6", "2 tops; with label_type NONE it fills one"),
        ("", "batch_size is 0"),
    ],
    "images_per_blob: 2": [
        ("images_per_blob: 4", r"net\.prototxt:12: .*images_per_blob is 4; 1, 2 for pairs, or 3"),
        ("images_per_blob: 0", "images_per_blob is 0"),
    ],
    'source: "SMALL.training"': [
        ('source: "SMAL.training"', r"net\.prototxt:10: there is no dataset 'SMAL'.*'SMALL'"),
        ('source: "SMALL.trainig"', r"net\.prototxt:10: .*no split 'trainig'.*'training'"),
        ('source: "SMALL"', r"net\.prototxt:10: source 'SMALL' names no split"),
        ('source: "SMALL.one"', r"net\.prototxt:10: all 4 images are of class 0"),
        ("", r"net\.prototxt:9: .*names no source"),
    ],
    "scale: 0.5": [("crop_size: 5", r"net\.prototxt:7: crop_size 5 is larger .*5x4")],
    'top: "label"': [
        ('top: "label" top: "index"', "has 3 tops"),
    ],
}


@pytest.mark.parametrize(
    ("line", "instead", "match"),
    [(line, instead, match) for line, cases in MISTAKES.items() for instead, match in cases],
)
def test_mistakes_are_one_error_each(feed_of, line, instead, match) -> None:
    assert line in TEXT
    with pytest.raises(UserError, match=match):
        feed_of(TEXT.replace(line, instead))


def test_no_tops(feed_of) -> None:
    with pytest.raises(UserError, match="has 0 tops"):
        feed_of(TEXT.replace('  top: "data"\n  top: "label"\n', ""))
