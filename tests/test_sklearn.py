"""The face of the estimator for scikit-learn."""

import sys

import pytest

from mycaffe_py.errors import UserError


def test_a_missing_scikit_learn_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "mycaffe_py.sklearn", raising=False)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(UserError, match=r"needs the package 'sklearn'.*\[sklearn\]"):
        import mycaffe_py.sklearn  # noqa: F401
