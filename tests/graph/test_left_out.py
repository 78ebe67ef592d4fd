"""Layers that a graph leaves out."""

from mycaffe_py.graph.left_out import LeftOut
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def test_what_reads_of_a_left_out_layer_is_told_by_the_names_of_the_text() -> None:
    left = LeftOut()
    left.add(LayerParameter(name="d", top=["x", "t"]), "Data", [], 0, "runs code")
    split = LayerParameter(name="x_d_0_split", bottom=["x"], top=["x_0", "x_1"])
    assert left.reads(split)
    left.add(split, "Split", ["x"], 0)
    reader = LayerParameter(name="c", bottom=["x_1", "known"], top=["y"])
    assert left.reads(reader)
    left.add(reader, "Concat", ["x_1", "known"], 3)
    assert not left.reads(LayerParameter(name="n", bottom=["known"], top=["z"]))
    told = [(one.name, one.bottoms, one.tops, one.place, one.why) for one in left.layers]
    assert told == [
        ("d", (), ("x", "t"), 0, "runs code"),
        ("c", ("x", "known"), ("y",), 3, ""),
    ]
