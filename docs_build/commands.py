"""The commands of the reference, from their parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docs_build.written import NOTE, cell, code, fence, table
from mycaffe_py.cli.main import build_parser, commands


def commands_page() -> str:
    """Each command: what it is for, how it is called, its options, examples."""
    known = commands()
    rows = [(f"[`{name}`](#mycaffe-{name})", cell(known[name].HELP)) for name in known]
    lines = [
        NOTE,
        "# Commands\n",
        "`mycaffe COMMAND --help` prints what stands here. Options have one dash or two. A mistake "
        "of the user's ends a command with code 2, any other failure with 1; `--debug` shows where "
        "in the program it came up.\n",
        table(("command", "what it does"), rows),
    ]
    for name, parser in _parsers(build_parser(known)).items():
        lines.append(_told(f"mycaffe {name}", parser, 2))
    return "\n".join([*lines, "Next: [from Python](python.md).\n"])


def _parsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of what may be said next."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return found


def _told(name: str, parser: argparse.ArgumentParser, depth: int) -> str:
    lines = [f"{'#' * depth} {name}\n"]
    if parser.description:
        lines.append(f"{cell(parser.description)}\n")
    lines.append(fence(parser.format_usage().removeprefix("usage: ")))
    rows = list(_rows(parser))
    if rows:
        lines.append(table(("argument", "meaning"), rows))
    if parser.epilog:
        lines.append(fence(parser.epilog.removeprefix("examples:\n")))
    for inner, under in _parsers(parser).items():
        lines.append(_told(f"{name} {inner}", under, min(depth + 1, 4)))
    return "\n".join(lines)


def _rows(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
            continue
        if isinstance(action, argparse._HelpAction) or "--debug" in action.option_strings:
            continue
        takes = parser._get_formatter()._format_args(action, _placeholder(action))
        names = [f"{name} {takes}".strip() for name in action.option_strings] or [takes]
        yield ", ".join(code(name) for name in names), cell((action.help or "") % vars(action))


def _placeholder(action: argparse.Action) -> str:
    if action.choices is not None and action.metavar is None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return action.dest.upper() if action.option_strings else action.dest
