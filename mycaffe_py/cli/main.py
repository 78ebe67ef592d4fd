"""The command `mycaffe`: finds the command modules beside it and answers for errors.

A command module has NAME, HELP, EXAMPLES, add_arguments(parser) and run(args); it imports nothing
heavy at its top, so that `mycaffe --help` is there at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from json import dumps
from pkgutil import iter_modules
from types import TracebackType
from typing import Any, NoReturn, Protocol, cast

from mycaffe_py import __version__
from mycaffe_py.cli.arguments import meant_instead
from mycaffe_py.cli.log_flags import spelled_out
from mycaffe_py.cli.streams import let_go, open_closed_streams, printable_streams
from mycaffe_py.data.pictures.picture_arguments import joined
from mycaffe_py.errors import MyCaffeError, UserError, nearest
from mycaffe_py.printable import printable
from mycaffe_py.told_once import begin

PROGRAM = "mycaffe"
INTERRUPTED = 130
BROKEN_PIPE = 141
_OF_PROGRAM = ("--help", "-h", "--version")
# Two letters at least: -h is an option of its own.
_ONE_DASH = re.compile(r"-[a-z][a-z_-]+(=.*)?\Z", re.DOTALL)
FIRST_STEPS = """\
first steps:
  mycaffe train --solver siamese_28x28.solver    learn to tell handwritten digits apart
  mycaffe test-many                              how good is the newest snapshot?
  mycaffe template copy siamese_28x28            get both texts to edit
"""


class Command(Protocol):
    """What a module of this folder has when it is a command."""

    NAME: str
    HELP: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's options."""

    def run(self, args: argparse.Namespace) -> int:
        """Do the job and return the exit code."""


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Help as wide as our lines, with a first column for the longest command."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are user errors like all others, those of jobs within commands too.

    They are laid out alike: argparse makes the parser of a job of the class that its command has.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Layout, **options})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is left over here: the parser of the command itself knows its options."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            raise UserError(
                f"unrecognized arguments: {' '.join(left)}",
                do=f"{meant_instead(left[0], self._option_string_actions)}"
                f"'{self.prog} --help' shows what it takes.",
            )
        return found, left

    def error(self, message: str) -> NoReturn:
        raise UserError(message, do=f"'{self.prog} --help' shows what it takes.")


def commands() -> dict[str, Command]:
    """All commands by name, in alphabetical order."""
    package = import_module("mycaffe_py.cli")
    names = [found.name for found in iter_modules(package.__path__) if found.name != "main"]
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    found = [cast(Command, module) for module in modules if hasattr(module, "NAME")]
    return {command.NAME: command for command in sorted(found, key=_name)}


def _name(command: Command) -> str:
    return command.NAME


def build_parser(known: dict[str, Command]) -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = _Parser(
        prog=PROGRAM,
        description="A pip-installable Caffe, for Siamese networks first.",
        epilog=FIRST_STEPS,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    places = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name, command in known.items():
        place = places.add_parser(
            name,
            help=command.HELP,
            description=command.HELP,
            epilog=f"examples:\n{command.EXAMPLES.strip(chr(10))}",
        )
        place.add_argument(
            "--debug",
            action="store_true",
            default=argparse.SUPPRESS,
            help="show the traceback of an error",
        )
        command.add_arguments(place)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code: 0 done, 2 the user's mistake, 1 a failure."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with printable_streams():
        try:
            return _answered(arguments)
        except BrokenPipeError:
            # The reader (head, less) has gone.
            return BROKEN_PIPE
        except OSError as error:
            if "--debug" in arguments:
                raise
            place = f": '{error.filename}'" if error.filename else ""
            return complain(f"{error.strerror or error}{place}.", MyCaffeError.exit_code)
        finally:
            let_go()


def _answered(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        return _run(arguments)
    except MyCaffeError as error:
        if debug:
            raise
        if "--json" in arguments:
            print(dumps({"error": error.as_json()}), flush=True)
        return complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except MemoryError as error:
        if debug:
            raise
        return complain(
            f"there is not enough memory for this: {str(error) or 'no more can be had'}. "
            "Make batch_size or num_output smaller.",
            MyCaffeError.exit_code,
        )


def as_gflags(arguments: Sequence[str], known: Iterable[str]) -> list[str]:
    """`arguments` with what Caffe's users write in our spelling.

    Options of one dash (-solver=FILE) get two, and a command's `_` may be a `-`. Options may come
    before the command.
    """
    words = spelled_out([f"-{word}" if _ONE_DASH.match(word) else word for word in arguments])
    for place, word in enumerate(words):
        if not word.startswith("-"):
            other = word.replace("_", "-")
            command = other if other in known else word
            if any(early in _OF_PROGRAM for early in words[:place]):
                return [*words[:place], command, *words[place + 1 :]]
            return [command, *words[:place], *words[place + 1 :]]
    return words


def _complete(parser: argparse.ArgumentParser) -> None:
    """Tell the shell how the line may go on, and end; with the extra `completion`."""
    with suppress(ImportError):
        argcomplete = import_module("argcomplete")
        argcomplete.autocomplete(parser)


def _run(arguments: list[str]) -> int:
    begin()
    known = commands()
    if "_ARGCOMPLETE" in os.environ:
        _complete(build_parser(known))
    arguments = joined(as_gflags(arguments, known))
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first is not None and first not in known:
        raise UserError(
            f"there is no command '{first}'",
            do=f"{nearest(first, known)} '{PROGRAM} --help' shows all.",
        )
    parser = build_parser(known)
    try:
        args = parser.parse_args(arguments, argparse.Namespace(words=arguments))
    except SystemExit:
        # After --help.
        sys.stdout.flush()
        raise
    if args.command is None:
        parser.print_help()
        return 0
    code = known[args.command].run(args)
    sys.stdout.flush()
    return code


def complain(text: str, code: int) -> int:
    """Tell an error; `code` is returned."""
    with suppress(OSError):
        print(f"{PROGRAM}: error: {text}", file=sys.stderr)
    return code


def _report_defect(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What a user sees of an error nobody foresaw; python then ends with exit code 1."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    print(
        f"{PROGRAM}: defect: {kind.__name__}: {printable(str(error))}{place}\n"
        f"This is a defect of mycaffe-py {__version__}, not your mistake. Please report it to its "
        "developers,\nwith what the same command prints when you add --debug.",
        file=sys.stderr,
    )


def entry() -> NoReturn:
    """The console command."""
    open_closed_streams()
    if "--debug" not in sys.argv:
        sys.excepthook = _report_defect
    sys.exit(main())
