"""How many items a batch of a data set has, and how long it is learned."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.proto.fitted.data_facts import DataFacts

_WIDTH = 100
# Items a batch by the longer side in pixels: what is large learns slowly, not with more memory.
_ITEMS = ((160, 32), (48, 64), (0, 128))
_CLASSES = 16
_ITERATIONS = 2000
_TEST_ITEMS = 1000


@dataclass(frozen=True)
class Sizes:
    """`batch` items or pairs; of triplets `labels` classes with `each` items.

    A test is `test_iter` batches of `test_batch`.
    """

    batch: int
    test_batch: int
    test_iter: int
    iterations: int
    labels: int = 0
    each: int = 0


def sizes_of(facts: DataFacts, triplets: bool) -> Sizes:
    """For pairs or for triplets."""
    longer = max(facts.shape[1:]) if facts.pictures else 0
    items = next(count for side, count in _ITEMS if longer >= side)
    tested = min(facts.test_items, _TEST_ITEMS)
    # The first item of each pair is recognised.
    counted = items if triplets else items // 2
    test_iter = max(1, -(-tested // counted))
    test_batch = max(2, -(-tested // test_iter))
    if not triplets:
        return Sizes(counted, test_batch, test_iter, _ITERATIONS)
    labels = min(facts.classes, _CLASSES)
    each = max(2, min(items // labels, facts.items // facts.classes))
    return Sizes(labels * each, test_batch, test_iter, _ITERATIONS, labels, each)


def heading(text: str) -> str:
    """A comment that begins a part of a text."""
    return f"# ---- {text} {'-' * max(4, _WIDTH - len(text) - 8)}\n"
