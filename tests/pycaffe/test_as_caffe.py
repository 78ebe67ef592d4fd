import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import mycaffe_py.pycaffe as ours
from mycaffe_py.errors import UserError
from mycaffe_py.pycaffe.as_caffe import install


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No module is called caffe, before or after."""
    for name in [name for name in sys.modules if name.split(".")[0] == "caffe"]:
        monkeypatch.delitem(sys.modules, name)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "caffe"]:
        del sys.modules[name]


def test_every_name_that_scripts_import() -> None:
    assert install() is ours
    import caffe
    import caffe.draw
    import caffe.io
    import caffe.proto.caffe_pb2 as pb_module
    from caffe import layers as L  # noqa: N812
    from caffe import params as P  # noqa: N812
    from caffe._caffe import Net as HiddenNet
    from caffe.classifier import Classifier
    from caffe.coord_map import crop
    from caffe.detector import Detector
    from caffe.net_spec import NetSpec
    from caffe.proto import caffe_pb2
    from caffe.pycaffe import SGDSolver

    assert caffe is ours
    assert caffe.Net is HiddenNet is ours.Net
    assert (caffe.Classifier, caffe.Detector) == (Classifier, Detector)
    assert (caffe.NetSpec, caffe.SGDSolver) == (NetSpec, SGDSolver)
    assert caffe.io is sys.modules["mycaffe_py.pycaffe.io"]
    assert caffe.draw.draw_net
    assert pb_module is caffe_pb2 is caffe.proto.caffe_pb2 is caffe.io.caffe_pb2
    data = L.Input()
    assert crop(L.ReLU(data), data).fn.type_name == "Crop"
    assert P.Pooling.MAX == 0
    assert (caffe_pb2.TRAIN, caffe_pb2.TEST) == (caffe.TRAIN, caffe.TEST) == (0, 1)
    assert caffe_pb2.NetParameter is caffe_pb2._NETPARAMETER._concrete_class
    assert caffe.pycaffe is caffe._caffe is caffe


def test_twice_is_once() -> None:
    assert install() is install()


def test_another_caffe_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("caffe")
    monkeypatch.setitem(sys.modules, "caffe", other)
    with pytest.raises(UserError, match="another caffe is imported already"):
        install()
    assert sys.modules["caffe"] is other
    assert "caffe.io" not in sys.modules


def test_no_package_called_caffe_is_installed() -> None:
    with pytest.raises(ModuleNotFoundError):
        __import__("caffe")
