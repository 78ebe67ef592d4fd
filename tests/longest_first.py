"""The files of tests that take longest, which come first.

The processes of the tests take file by file. With long ones at the end, one process would still be
at work on them after the others have ended.
"""

from __future__ import annotations

import pytest

# As a whole run with --durations=0 tells; the longest first.
LONGEST = (
    "tests/layers/test_every_layer.py",
    "tests/parallel/test_bits.py",
    "tests/api/test_siamese_encoder.py",
    "tests/studio/test_pictures.py",
    "tests/test_readme.py",
    "tests/studio/test_tutorial_by_mouse.py",
    "tests/studio/test_life.py",
    "tests/studio/test_tutorial_by_keyboard.py",
    "tests/studio/test_test_many_page.py",
    "tests/parallel/test_failures.py",
    "tests/studio/test_figures.py",
    "tests/studio/test_compare_page.py",
    "tests/studio/test_home_page.py",
    "tests/studio/test_run_page.py",
    "tests/studio/test_map_page.py",
    "tests/parallel/test_features.py",
    "tests/studio/test_offline_journey.py",
    "tests/studio/test_jobs.py",
    "tests/studio/test_rank_journey.py",
    "tests/fuzz/test_fuzz.py",
    "tests/parallel/test_swapping.py",
    "tests/parallel/test_index.py",
)


def sort(items: list[pytest.Item]) -> None:
    """Put the tests of these files before all others, which stay in their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
