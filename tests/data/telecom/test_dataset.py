"""The data sets of the simulation: balanced, scaled, made by themselves, not trivial."""

import numpy as np
import pytest

from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.source import open_source
from mycaffe_py.data.telecom.dataset import (
    TelecomRecipe,
    make_sources,
    patterns_called,
    recipe_of,
    simulate,
)
from mycaffe_py.data.telecom.link import COUNTERS
from mycaffe_py.data.telecom.patterns import PATTERNS
from mycaffe_py.errors import UserError

SMALL = TelecomRecipe(hours=0.25)


@pytest.mark.slow
def test_it_is_made_on_first_use_without_the_network() -> None:
    assert not dataset_path("telecom").exists()
    source = open_source("telecom.training")
    assert dataset_path("telecom").exists()
    assert source.shape == (1, 30, 9)
    assert source.dtype == np.float32
    assert len(source) == 3 * 960
    assert source.label_names == {0: "normal", 1: "blocked", 2: "at capacity"}
    assert open_source("telecom.testing").label_names == source.label_names
    assert len(open_source("telecom.validation")) == 3 * 480


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    first, again = make_sources("A", SMALL), make_sources("A", SMALL)
    other = make_sources("A", TelecomRecipe(hours=0.25, seed=2))
    for split, source in first.items():
        assert source.checksum == again[split].checksum
        assert source.checksum != other[split].checksum


@pytest.mark.slow
def test_splits_are_balanced_and_apart() -> None:
    sources = make_sources("A", TelecomRecipe(PATTERNS, hours=0.25))
    seen = set()
    for split, source in sources.items():
        counts = np.bincount(source.labels)
        assert len(counts) == 10
        assert len(set(counts.tolist())) == 1
        assert counts[0] == (30 if split == "training" else 15)
        rows = {image.tobytes() for image in source.images}
        assert not rows & seen
        seen |= rows
    assert [p.label for p in PATTERNS] == list(sources["testing"].label_names.values())


def test_features_are_scaled_by_training() -> None:
    sources = make_sources("A", SMALL)
    rows = sources["training"].images.reshape(-1, 9)
    assert rows.mean(axis=0) == pytest.approx(np.zeros(9), abs=1e-4)
    assert rows.std(axis=0) == pytest.approx(np.ones(9), abs=1e-4)
    counters = Counters.from_json(sources["training"].counters)
    assert counters.names == tuple(COUNTERS)
    assert {source.counters for source in sources.values()} == {counters.to_json()}
    windows, _ = simulate(SMALL, "testing")
    assert np.array_equal(sources["testing"].images, counters.scaled(windows))


def test_a_pattern_is_the_same_whatever_stands_beside_it() -> None:
    alone, _ = simulate(TelecomRecipe(patterns_called(["storm"]), hours=0.1), "testing")
    both, labels = simulate(TelecomRecipe(patterns_called(["loss", "storm"]), hours=0.1), "testing")
    assert np.array_equal(alone, both[labels == 1])
    more, _ = simulate(TelecomRecipe(patterns_called(["storm"]), hours=0.5), "testing")
    assert np.array_equal(alone, more[: len(alone)])


def test_like_keeps_the_scaling_of_another_set() -> None:
    known = make_sources("A", SMALL)
    counters = Counters.from_json(known["training"].counters)
    recipe = TelecomRecipe(patterns_called(["server"]), hours=0.25, like=counters)
    assert make_sources("B", recipe)["training"].counters == known["training"].counters


def test_one_pattern_alone_has_constant_counters() -> None:
    sources = make_sources("A", TelecomRecipe(patterns_called(["blocked"]), hours=1 / 120))
    for source in sources.values():
        assert np.isfinite(source.images).all()
    counters = Counters.from_json(sources["training"].counters)
    assert 1.0 in counters.deviations


def test_mistakes() -> None:
    with pytest.raises(UserError, match=r"no pattern 'stom'\. Did you mean 'storm'"):
        patterns_called(["stom"])
    with pytest.raises(UserError, match="'loss' is named twice"):
        patterns_called(["loss", "loss"])
    for hours in (0, -1, 1e9, float("nan")):
        with pytest.raises(UserError, match="hours; from one window"):
            make_sources("A", TelecomRecipe(hours=hours))
    assert recipe_of("telecom10").patterns == PATTERNS


@pytest.mark.slow
def test_it_is_learnable_but_not_by_looking() -> None:
    """The nearest neighbour on raw windows errs; a line through window statistics errs less."""
    pytest.importorskip("sklearn")
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    sources = make_sources("A", TelecomRecipe(PATTERNS, hours=2))
    training, testing = sources["training"], sources["testing"]

    def flat(source):
        return source.images.reshape(len(source), -1)

    def statistics(source):
        x = source.images[:, 0]
        change = np.abs(np.diff(x, axis=1)).mean(axis=1)
        return np.concatenate([x.mean(axis=1), x.std(axis=1), x.max(axis=1), change], axis=1)

    nearest = KNeighborsClassifier(1).fit(flat(training), training.labels)
    raw = nearest.score(flat(testing), testing.labels)
    line = LogisticRegression(max_iter=2000).fit(statistics(training), training.labels)
    by_hand = line.score(statistics(testing), testing.labels)
    assert 0.6 < raw < 0.9
    assert by_hand > 0.93


def test_windows_that_are_simulated_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make_sources("A", SMALL)
    monkeypatch.setattr("mycaffe_py.data.telecom.dataset._AT_ONCE", 7)
    monkeypatch.setattr("mycaffe_py.data.counters.scaling._WINDOWS", 5)
    parts = make_sources("A", SMALL)
    assert {s: one.checksum for s, one in parts.items()} == {
        s: one.checksum for s, one in whole.items()
    }
    assert parts["training"].counters == whole["training"].counters
