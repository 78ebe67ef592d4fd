"""Keys of parameters: a layer and an index, spelled in one way."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from mycaffe_py.graph.param_key import ParamKey


@pytest.mark.parametrize("layer", ["conv1", "a/b[0]", "ünï[", "]", "", "a[1][2]"])
@pytest.mark.parametrize("index", [0, 1, 12])
def test_a_key_is_spelled_and_taken_apart(layer: str, index: int) -> None:
    key = ParamKey(layer, index)
    assert key == f"{layer}[{index}]"
    assert (key.layer, key.number) == (layer, index)


def test_a_key_is_found_by_its_spelling() -> None:
    assert {ParamKey("ip", 1): "bias"}["ip[1]"] == "bias"
    assert json.dumps({ParamKey("ip", 1): 2}) == '{"ip[1]": 2}'


def test_a_key_cannot_be_changed() -> None:
    key = ParamKey("ip", 1)
    for name in ("layer", "number", "other"):
        with pytest.raises(AttributeError):
            setattr(key, name, 2)


def test_copies_are_keys_too() -> None:
    key = ParamKey("ip", 1)
    for again in (copy.copy(key), copy.deepcopy(key), pickle.loads(pickle.dumps(key))):
        assert (again, again.layer, again.number) == (key, "ip", 1)
