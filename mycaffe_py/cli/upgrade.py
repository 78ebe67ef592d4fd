"""`mycaffe upgrade`: old model, solver and weight files in today's form."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.errors import UserError

NAME = "upgrade"
HELP = "Write an old model, solver or weight file in today's form."
EXAMPLES = """\
  mycaffe upgrade old.prototxt new.prototxt            which kind it is is found out
  mycaffe upgrade weights old.caffemodel new.caffemodel
  mycaffe upgrade solver old_solver.prototxt new_solver.prototxt
"""
_KINDS = ("net", "solver", "weights")
# What other programs take a file for by the end of its name; any other end says nothing.
_NETS, _SOLVERS, _TEXTS = (".prototxt",), (".solver",), (".txt", ".pbtxt")
_BINARIES, _OTHERS = (".caffemodel",), (".h5", ".solverstate", ".binaryproto", ".onnx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What it is, where it is, and where to put it."""
    parser.add_argument(
        "words", nargs="+", metavar="[net|solver|weights] FILE OUT",
        help="a model or solver text stays a text, a binary net or its weights stay binary",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Upgrade, and say what was changed."""
    from mycaffe_py.errors import UserError

    words = list(args.words)
    kind = words.pop(0) if len(words) == 3 else ""
    if len(words) != 2 or (kind and kind not in _KINDS):
        raise UserError(
            f"mycaffe upgrade {' '.join(args.words)}",
            wanted=f"a file and where to put it are wanted, before them perhaps {_list()}",
            do="For example: mycaffe upgrade old.prototxt new.prototxt",
        )
    source, target = map(Path, words)
    kind, notes = _upgraded(kind, source, target)
    for note in notes:
        print(note)
    print(f"{target}: {kind} in today's form{'' if notes else ', nothing had to be changed'}")
    return 0


def _list() -> str:
    return f"{', '.join(_KINDS[:-1])} or {_KINDS[-1]}"


def _upgraded(kind: str, source: Path, target: Path) -> tuple[str, tuple[str, ...]]:
    """Do it; returns the kind and what was changed. Errors: binary where a text is wanted."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.snapshot.upgrade import upgrade_binary_net

    if _is_text(source):
        if source.is_file() and not source.stat().st_size:  # a pipe has no size
            raise UserError(f"{source} is empty", do="Copy it again from where it came.")
        if kind == "weights":
            raise UserError(
                f"{source} is a text",
                wanted="weights are a binary file, a .caffemodel",
                do="Leave the word 'weights' away.",
            )
        return _upgraded_text(kind, source, target)
    if kind == "solver":
        raise UserError(f"{source} is no text", wanted="a solver is always a text")
    _check_ending(source, target, "a binary net", _BINARIES, _NETS + _SOLVERS + _TEXTS + _OTHERS)
    return "weights" if kind != "net" else kind, upgrade_binary_net(source, target)


def _check_ending(
    source: Path, target: Path, what: str, fit: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    """Errors: the end of the target's name is that of another kind of file than will be in it."""
    from mycaffe_py.errors import UserError

    ending = target.suffix.lower()
    if ending in wrong:
        bare = target.with_suffix("")
        better = bare if bare.suffix in fit else f"{bare}{fit[0]}"
        raise UserError(
            f"{source} is {what} and stays one, so it is not written to {target}",
            wanted=f"a name that ends in {' or '.join(fit)}, as {ending} is another kind of file",
            do=f"For example: mycaffe upgrade {source} {better}",
        )


def _is_text(path: Path) -> bool:
    """A text holds no control characters but tabs and line ends; every binary net soon does."""
    from mycaffe_py.snapshot.mapped import map_file

    start = bytes(map_file(path).data[: 1 << 12])
    return not any(byte < 0x20 and byte not in b"\t\n\r\f\v" for byte in start)


def _upgraded_text(kind: str, source: Path, target: Path) -> tuple[str, tuple[str, ...]]:
    from mycaffe_py.errors import UserError
    from mycaffe_py.files.atomic import write_atomically
    from mycaffe_py.proto.text import text_of_file

    text = text_of_file(source)
    readers = {"net": _net, "solver": _solver}
    errors: list[UserError] = []
    for name in [kind] if kind else readers:
        try:
            upgraded, notes = readers[name](text, str(source))
        except UserError as error:
            errors.append(error)
            continue
        if name == "net":
            _check_ending(source, target, "a model text", _NETS, _SOLVERS + _BINARIES + _OTHERS)
        else:
            _check_ending(source, target, "a solver text", _SOLVERS + _NETS, _BINARIES + _OTHERS)
        write_atomically(target, upgraded.encode())
        return name, notes
    # The reader that got further knew what it was reading.
    raise max(errors, key=_line)


def _line(error: UserError) -> int:
    return error.where.line if error.where is not None else 0


def _net(text: str, file: str) -> tuple[str, tuple[str, ...]]:
    from mycaffe_py.layers import layer_types
    from mycaffe_py.proto.model_text import read_net
    from mycaffe_py.proto.text import write_text

    upgraded = read_net(text, file, layer_types)
    return write_text(upgraded.message), upgraded.notes


def _solver(text: str, file: str) -> tuple[str, tuple[str, ...]]:
    from mycaffe_py.proto.model_text import read_solver
    from mycaffe_py.proto.text import write_text

    upgraded = read_solver(text, file)
    return write_text(upgraded.message), upgraded.notes
