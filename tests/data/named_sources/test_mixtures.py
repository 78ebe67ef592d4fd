"""Mixtures: where their values come from, how they are counted, that they repeat."""

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.named_sources.mixtures import Mixtures
from mycaffe_py.errors import UserError

STEPS, COUNTERS = 20, 4


@pytest.fixture
def windows():
    """Three patterns; a value says pattern and counter: 100 (label + 1) + counter."""
    labels = np.arange(30) % 3
    values = 100.0 * (labels.reshape(-1, 1, 1, 1) + 1) + np.arange(COUNTERS)
    images = np.broadcast_to(values, (30, 1, STEPS, COUNTERS)).astype(np.float32)
    source = make_source("W.training", images, labels, {k: str(k) for k in range(3)})
    write_dataset(dataset_path("W"), "W", {"training": source}, "")
    return source


def test_a_batch_holds_equal_parts_counted_on_from_the_patterns(windows) -> None:
    images, labels = Mixtures(1, 12, "W.training 4")[0]
    assert images.shape == (12, 1, STEPS, COUNTERS)
    assert images.dtype == np.float32
    assert labels.tolist() == [3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]


def test_a_batch_depends_on_seed_and_number_alone(windows) -> None:
    first = Mixtures(1, 12, "W.training 4")
    second = Mixtures(1, 12, "W.training 4")
    later = second[5][0]
    for number in range(5):
        first[number]
    assert np.array_equal(first[5][0], later)
    assert not np.array_equal(first[6][0], later)
    assert not np.array_equal(Mixtures(2, 12, "W.training 4")[5][0], later)


def test_every_other_mixture_is_of_two_patterns_counter_by_counter_or_by_time(windows) -> None:
    mixtures = Mixtures(1, 4, "W.training 2")
    by_counter = by_time = with_first = 0
    for number in range(200):
        images = mixtures[number][0][:2, 0]
        # The counters stand in their places, whatever the pattern.
        assert np.array_equal(images % 100, np.broadcast_to(np.arange(COUNTERS), images.shape))
        pattern = images // 100
        assert len(np.unique(pattern)) <= 2
        with_first += (pattern == 1).any()
        if (pattern == pattern[:, :1]).all():
            # Both items are mixed alike.
            assert np.array_equal(pattern[0], pattern[1])
            by_counter += 1
        else:
            assert (pattern == pattern[:, :, :1]).all()
            by_time += 1
    # Shares 0.7 and 0.3; with the first pattern 1/2 + 1/2 * 2/3. Limits are 4 deviations.
    assert by_time == pytest.approx(60, abs=26)
    assert by_counter + by_time == 200
    # Not all of a mixture shows when a coin falls alike for all counters: 1 of 16 either way.
    assert with_first == pytest.approx(200 * 5 / 6 * 0.95, abs=24)


def test_the_others_are_one_pattern_with_its_counters_in_other_places(windows) -> None:
    mixtures = Mixtures(1, 4, "W.training 2")
    orders = set()
    for number in range(50):
        images = mixtures[number][0][2:, 0]
        assert len(np.unique(abs(images) // 100)) == 1
        places = abs(images[0, 0]) % 100
        assert sorted(places) == list(range(COUNTERS))
        assert np.array_equal(images[0], images[1])
        orders.add(tuple(places * np.sign(images[0, 0])))
    assert len(orders) > 30


@pytest.mark.parametrize(
    ("batch", "text", "told"),
    [
        (12, "W.training", "param_str is 'W.training'"),
        (12, "W.training 0", "param_str is 'W.training 0'"),
        (12, "W.training 5", "a batch of 12 cannot hold 5 mixtures"),
        (12, "nothing.training 4", "nothing"),
    ],
)
def test_what_cannot_be_is_told(windows, batch: int, text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        Mixtures(1, batch, text)


def test_one_pattern_is_too_few(windows) -> None:
    images = windows.images[:3]
    source = make_source("O.training", images, np.zeros(3, np.int64), {0: "one"})
    write_dataset(dataset_path("O"), "O", {"training": source}, "")
    with pytest.raises(UserError, match="has one pattern"):
        Mixtures(1, 12, "O.training 4")
