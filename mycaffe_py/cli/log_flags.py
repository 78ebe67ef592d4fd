"""Where a command's log in Caffe's words goes: --caffe-log, and the flags of glog.

Caffe logs with glog, whose flags stand in many users' scripts: --log_dir=log, -logtostderr=1.
"""

from __future__ import annotations

import argparse
import getpass
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from mycaffe_py.solver.glog import Glog

_TO_STDERR = ("logtostderr", "alsologtostderr")
_BOOLEAN = (
    *_TO_STDERR, "colorlogtostderr", "log_prefix", "stop_logging_if_full_disk",
    "drop_log_memory", "symbolize_stacktrace",
)  # fmt: skip
_VALUED = (
    "v", "vmodule", "max_log_size", "logbuflevel", "logbufsecs", "log_link", "logfile_mode",
    "log_backtrace_at", "alsologtoemail", "logemaillevel", "logmailer",
)  # fmt: skip
_PASSED_OVER = (*(name for name in _BOOLEAN if name not in _TO_STDERR), *_VALUED)
_YES = ("1", "t", "true", "y", "yes")
_NO = ("0", "f", "false", "n", "no")
_LEVELS = 4


def add_log_arguments(parser: argparse.ArgumentParser) -> None:
    """--caffe-log, and glog's flags."""
    parser.add_argument(
        "--caffe-log", nargs="?", const="", metavar="FILE",
        help="log lines as Caffe's, for tools that read them: to FILE besides the usual words, "
        "without a FILE to standard error in their place",
    )  # fmt: skip
    add_glog_arguments(parser)


def add_glog_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of glog, as Caffe's users write them."""
    parser.add_argument(
        "--log_dir", metavar="FOLDER",
        help="such a log to caffe.*.log.INFO.* in this folder; also taken as in Caffe: "
        "-logtostderr, -alsologtostderr, -stderrthreshold, -minloglevel and kin",
    )  # fmt: skip
    for name in _TO_STDERR:
        parser.add_argument(f"--{name}", type=_boolean, default=False, help=argparse.SUPPRESS)
    for name, default in (("minloglevel", 0), ("stderrthreshold", 2)):
        parser.add_argument(f"--{name}", type=int, default=default, help=argparse.SUPPRESS)
    for name in _PASSED_OVER:
        names = (f"--{name}", *(["-v"] if name == "v" else []))
        parser.add_argument(*names, dest=f"glog_{name}", help=argparse.SUPPRESS)


def spelled_out(words: Sequence[str]) -> list[str]:
    """`words` with a value for each of glog's yes-or-no flags, as gflags takes them.

    --logtostderr and --logtostderr 1 become --logtostderr=1, --nologtostderr --logtostderr=0.
    """
    flags = {f"--{name}" for name in _BOOLEAN}
    negated = {f"--no{name}": f"--{name}=0" for name in _BOOLEAN}
    found: list[str] = []
    for word in words:
        if found and found[-1] in flags:
            given = word.lower() in (*_YES, *_NO)
            found[-1] += f"={word}" if given else "=1"
            if given:
                continue
        found.append(negated.get(word, word))
    if found and found[-1] in flags:
        found[-1] += "=1"
    return found


def tell_passed_over(args: argparse.Namespace, *, logs: bool) -> None:
    """One line about glog's flags that do nothing here; without `logs` none of them does."""
    given = [name for name in _PASSED_OVER if getattr(args, f"glog_{name}") is not None]
    if not logs:
        given += [name for name in ("log_dir", *_TO_STDERR) if getattr(args, name)]
    elif args.logtostderr and args.log_dir is not None:
        given.append("log_dir")  # as in glog: to standard error alone
    if given:
        names = ", ".join(f"-{name}" for name in given)
        print(f"{names}: passed over, as it changes nothing here", file=sys.stderr)


@contextmanager
def caffe_log(args: argparse.Namespace, *, going_on: bool = False) -> Iterator[Glog | None]:
    """The log that is asked for, None for none. A run that goes on adds to the FILE it had.

    Errors: it cannot be written.
    """
    from mycaffe_py.solver.glog import Glog

    tell_passed_over(args, logs=True)
    with ExitStack() as opened:
        files: list[TextIO] = []
        if args.caffe_log:
            path = Path(args.caffe_log)
            files.append(opened.enter_context(_opened(path, "a" if going_on else "w")))
        if args.log_dir is not None and not args.logtostderr:
            files.append(opened.enter_context(_in_folder(Path(args.log_dir))))
        if _is_on_stderr(args):
            files.append(sys.stderr)
        # Who wants no lines of this level wants none of ours in their place.
        quiet = args.minloglevel > 0 and not files
        if quiet:
            files.append(sys.stderr)
        yield Glog(*files, least=min(args.minloglevel, _LEVELS)) if files else None


def _is_on_stderr(args: argparse.Namespace) -> bool:
    asked = args.logtostderr or args.alsologtostderr or args.stderrthreshold <= 0
    return args.caffe_log == "" or bool(asked)


def _opened(path: Path, mode: str) -> TextIO:
    from mycaffe_py.errors import UserError, reason_of

    try:
        return path.open(mode, encoding="utf-8")  # type: ignore[return-value]
    except (OSError, ValueError) as error:
        raise UserError(
            f"the log '{path}' cannot be written: {reason_of(error)}",
            do="Name another --caffe-log.",
        ) from error


def _in_folder(folder: Path) -> TextIO:
    """A log named and begun as glog does, with caffe.INFO as a link to it."""
    from mycaffe_py.errors import UserError, reason_of

    now = datetime.now()
    host = platform.node() or "(unknown)"
    who = f"{host}.{_user()}.log.INFO.{now:%Y%m%d-%H%M%S}.{os.getpid()}"
    path, link = folder / f"caffe.{who}", folder / "caffe.INFO"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(
            f"the log '{path}' cannot be written: {reason_of(error)}", do="Name another --log_dir."
        ) from error
    file.write(
        f"Log file created at: {now:%Y/%m/%d %H:%M:%S}\nRunning on machine: {host}\n"
        "Log line format: [IWEF]mmdd hh:mm:ss.uuuuuu threadid file:line] msg\n"
    )
    file.flush()
    with suppress(OSError):
        if link.is_symlink():
            link.unlink()
        link.symlink_to(path.name)
    return file


def _user() -> str:
    """The user's name; glog's words where there is none, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "invalid-user"


def _boolean(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() in _YES
