"""What is tested is what users get: the installed copy, where there is one."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import mycaffe_py


def test_the_installed_copy_is_tested_where_there_is_one() -> None:
    try:
        installed = distribution("mycaffe-py")
    except PackageNotFoundError:
        return  # the sources alone, as they stand
    ours = [file for file in installed.files or () if file.as_posix() == "mycaffe_py/__init__.py"]
    for file in ours:  # an editable one holds a link to the sources instead
        assert Path(mycaffe_py.__file__).samefile(Path(str(installed.locate_file(file))))
