"""Runs a script that says `import caffe`, without any change to it.

    python -m mycaffe_py.pycaffe SCRIPT.py [ARGUMENT ...]
    python -m mycaffe_py.pycaffe -m MODULE [ARGUMENT ...]

The script finds everything as under `python SCRIPT.py`: its arguments, its folder first on the
path, itself as __main__. Its exit code is the exit code of the program. A traceback begins with the
script's first line; if this package tells of a mistake, it ends with the script's last line.
"""

from __future__ import annotations

import io
import runpy
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType, TracebackType

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.pycaffe.as_caffe import install

_USAGE = "usage: python -m mycaffe_py.pycaffe SCRIPT.py [ARGUMENT ...]  (or -m MODULE)"
_STARTERS = (__file__, "<frozen runpy>", runpy.__file__)
_PACKAGE_FOLDER = Path(__file__).parents[1]


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments name and return 0; its SystemExit and errors are not caught."""
    if not arguments or arguments[0] in ("-h", "--help") or list(arguments) == ["-m"]:
        print(_USAGE, file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments and arguments[0] != "-m" else 2
    try:
        install()
        code = None if arguments[0] == "-m" else _read(arguments[0])
    except UserError as error:
        print(f"mycaffe_py.pycaffe: error: {error}", file=sys.stderr)
        return error.exit_code
    sys.excepthook = _show
    if code is None:
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        _run(arguments[0], code, arguments)
    return 0


def _read(script: str) -> bytes:
    try:
        with io.open_code(str(Path(script).absolute())) as stream:
            return stream.read()
    except OSError as error:
        raise UserError(f"cannot read '{script}': {error.strerror}", do=_USAGE) from None


def _run(script: str, code: bytes, arguments: Sequence[str]) -> None:
    """Execute `code` as the module __main__; that stays so until the process ends."""
    module = ModuleType("__main__")
    module.__file__ = script
    sys.modules["__main__"] = module
    sys.argv = list(arguments)
    if not sys.flags.safe_path:
        sys.path[0] = str(Path(script).resolve().parent)
    exec(compile(code, script, "exec"), module.__dict__)


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The usual report of an error, without the lines of this file."""
    while trace is not None and trace.tb_frame.f_code.co_filename in _STARTERS:
        trace = trace.tb_next
    if isinstance(error, MyCaffeError):
        error.__cause__ = None  # what the operating system said stands in the message
        theirs = [step for step in _steps(trace) if not _is_ours(step)]
        if theirs:
            theirs[-1].tb_next = None
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


def _steps(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_ours(step: TracebackType) -> bool:
    return Path(step.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE_FOLDER)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
