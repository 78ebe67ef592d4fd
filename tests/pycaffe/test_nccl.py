"""NCCL says that it is not here."""

import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError


def test_it_is_not_here() -> None:
    assert not caffe.has_nccl()
    with pytest.raises(UserError, match="has_nccl"):
        caffe.NCCL.new_uid()
    with pytest.raises(UserError, match="CPU"):
        caffe.NCCL(None, b"")
