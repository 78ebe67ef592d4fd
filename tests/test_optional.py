import pytest
from google.protobuf.runtime_version import VersionError

from mycaffe_py.errors import UserError, Where
from mycaffe_py.optional import optional


def test_a_module_that_is_there() -> None:
    assert optional("json", "x", "nobody").dumps([1]) == "[1]"


def test_a_module_that_is_missing() -> None:
    wanted = (
        r"net\.prototxt:3: HDF5Data needs the package 'no_such_package', which is not installed\. "
        r"Install it with: .* pip install .*'.*\[x\]'"
    )
    with pytest.raises(UserError, match=wanted):
        optional("no_such_package", "x", "HDF5Data", Where("net.prototxt", 3))


def test_a_module_that_does_not_import(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, but something that it needs is not."""
    (tmp_path / "half_there.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="'half_there', which cannot be imported: No module named"):
        optional("half_there", "x", "HDF5Data")


def test_a_module_that_needs_a_newer_protobuf(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name):
        raise VersionError("gencode 9 runtime 5")

    monkeypatch.setattr("mycaffe_py.optional.import_module", refuse)
    wanted = r"export needs the package 'onnx'.*protobuf \d.*gencode 9.*Install a newer protobuf"
    with pytest.raises(UserError, match=wanted):
        optional("onnx", "onnx", "export")
