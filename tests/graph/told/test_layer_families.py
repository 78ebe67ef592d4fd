"""Layer types by family."""

from mycaffe_py.graph.told.layer_families import families
from mycaffe_py.layers import layer_types


def test_every_layer_type_is_in_one_family() -> None:
    listed = [name for names in families().values() for name in names]
    assert sorted(listed) == list(layer_types)


def test_families_are_those_of_the_catalogue() -> None:
    found = families()
    assert list(found) == sorted(found)
    assert "Convolution" in found["vision"] and "ContrastiveLoss" in found["loss"]
    assert "fused" not in found
