"""Data sets in memory are found by name for as long as they are held."""

import numpy as np
import pytest

from mycaffe_py.data.dataset_lookup import all_names, holder_of
from mycaffe_py.data.in_memory.held import held
from mycaffe_py.data.source import open_head, open_source, splits_of, training_mean
from mycaffe_py.errors import UserError
from tests.data.made import small_source


def test_a_held_data_set_opens_by_its_name_until_it_is_let_go() -> None:
    with held({"training": small_source(), "testing": small_source(count=6)}) as name:
        assert splits_of(name) == ["training", "testing"]
        source = open_source(f"{name}.testing")
        assert (source.name, len(source)) == (f"{name}.testing", 6)
        assert open_head(f"{name}.training").shape == (2, 5, 4)
        assert np.array_equal(training_mean(source), small_source().mean())
        with pytest.raises(UserError, match="no split 'test'"):
            open_source(f"{name}.test")
        assert name not in all_names()
    assert holder_of(name) is None


def test_equal_data_have_one_name_and_stay_until_the_last_lets_go() -> None:
    with held({"training": small_source()}) as one:
        with held({"training": small_source()}) as other:
            assert one == other
        assert len(open_source(f"{one}.training")) == 30
        with held({"training": small_source(classes=2)}) as third:
            assert third != one
    assert holder_of(one) is None
