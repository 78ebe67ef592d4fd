"""A Data layer that follows another one: what cannot lead, and heads of sources."""

import numpy as np
import pytest

from mycaffe_py.data.feed import feed_for
from mycaffe_py.data.opening import LOOKING
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.data.stores import make_lmdb, raw_datum, some_images

LEADS = 'source: "digits28.training" batch_size: 4'
FOLLOWS = f'{LEADS} synchronize_with: "first"'


def _feed(options, name="first", leader=None, **more):
    text = f'name: "{name}" type: "Data" top: "x" top: "y" data_param {{ {options} }}'
    parsed = read_text(text, pb.LayerParameter, "net.prototxt")
    return feed_for(parsed.message, pb.TRAIN, 1, parsed.locations, leader=leader, **more)


def _filled(feed, batch):
    tops = [np.empty(shape, np.float32) for shape in feed.shapes]
    feed.fill(batch, tops)
    return tops


def test_two_layers_on_one_source_draw_images_of_their_own() -> None:
    leader = _feed(LEADS)
    follower = _feed(FOLLOWS, "second", leader)
    (data, labels), (other, others) = _filled(leader, 7), _filled(follower, 7)
    assert np.array_equal(labels, others)
    assert not np.array_equal(data, other)


def test_a_leader_whose_batches_are_made_ahead_leads_as_any_other() -> None:
    leader = _feed(LEADS)
    plain, ahead = (
        _feed(FOLLOWS, "second", one) for one in (leader, PrefetchFeed(leader, depth=2))
    )
    for batch in (0, 1, 2, 70):
        for found, wanted in zip(_filled(ahead, batch), _filled(plain, batch), strict=True):
            assert np.array_equal(found, wanted)


def test_heads_of_sources_are_enough_to_look_at_a_net() -> None:
    leader = _feed(LEADS, opening=LOOKING)
    follower = _feed(FOLLOWS, "second", leader, opening=LOOKING)
    assert follower.shapes == leader.shapes


def test_records_of_one_source_go_together() -> None:
    leader = _feed(LEADS)
    follower = _feed(f"{FOLLOWS} synchronize_records: true", "second", leader)
    assert np.array_equal(_filled(leader, 5)[0], _filled(follower, 5)[0])


def test_a_folder_of_caffe_can_neither_lead_nor_follow(tmp_path) -> None:
    images, labels = some_images()
    records = [raw_datum(image, int(label)) for image, label in zip(images, labels, strict=True)]
    make_lmdb(tmp_path / "some_lmdb", records)
    store = f'source: "{tmp_path / "some_lmdb"}" backend: LMDB batch_size: 4'
    with pytest.raises(UserError, match="layer 'first' reads no data set"):
        _feed(FOLLOWS, "second", _feed(store))
    with pytest.raises(UserError, match="layer 'second' reads no data set"):
        _feed(f'{store} synchronize_with: "first"', "second", _feed(LEADS))
