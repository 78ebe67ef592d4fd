from mycaffe_py.evaluate.features.transform_changes import TransformChanges
from mycaffe_py.proto.mycaffe_pb2 import TransformationParameter


def test_without_changes_the_text_counts() -> None:
    param = TransformationParameter(scale=0.5, mean_file="mean.binaryproto", force_gray=True)
    assert TransformChanges().over(param) == param


def test_a_mean_takes_the_place_of_whatever_mean_the_text_asks_for() -> None:
    param = TransformationParameter(mean_file="mean.binaryproto", use_imagedb_mean=True, scale=2)
    changed = TransformChanges(mean_value=[1, 2, 3]).over(param)
    assert changed == TransformationParameter(mean_value=[1, 2, 3], scale=2)
    assert param.mean_file == "mean.binaryproto"


def test_the_other_options_are_set_beside_those_of_the_text() -> None:
    changed = TransformChanges(scale=0.1, crop=24, bgr=True, color=True).over(
        TransformationParameter(mirror=True)
    )
    wanted = TransformationParameter(mirror=True, scale=0.1, crop_size=24, force_color=True)
    wanted.color_order = TransformationParameter.BGR
    assert changed == wanted
