"""Forms that make data sets, out of the options of each kind: a new kind has its form by itself."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from mycaffe_py.data.caffe_stores.import_arguments import add_import_arguments
from mycaffe_py.data.dataset_kind import all_kinds, dataset_kinds
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.studio.sets.places import Places

CREATE, IMPORT = "create", "import"


class _Options(argparse.ArgumentParser):
    """Tells a mistake as an error."""

    @property
    def declared(self) -> list[argparse.Action]:
        """All options, those of groups too, in the order they were declared."""
        return list(self._actions)

    def error(self, message: str) -> NoReturn:
        raise UserError(message, do="Change the form.")


@dataclass(frozen=True)
class Form:
    """What `mycaffe dataset JOB KIND` can be told."""

    job: str
    kind: str
    about: str
    examples: str
    options: list[argparse.Action] = field(repr=False)
    parser: argparse.ArgumentParser = field(repr=False)

    def told(self) -> dict[str, Any]:
        """For the page: one entry for each option."""
        return {
            "name": f"{self.job} {self.kind}", "job": self.job, "kind": self.kind,
            "about": self.about, "examples": self.examples,
            "fields": [_told(option) for option in self.options],
        }  # fmt: skip

    def arguments(self, places: Places, values: Mapping[str, Any]) -> list[str]:
        """The command line for what was filled in.

        Errors: a value that does not fit, a place that may not be read, what the command refuses.
        """
        unknown = set(values) - {option.dest for option in self.options}
        if unknown:
            raise UserError(f"'{self.kind}' has no option '{min(unknown)}'", do="Reload the page.")
        behind: list[str] = []
        words: list[str] = []
        for option in self.options:
            value = values.get(option.dest)
            if value in (None, "", [], False):
                continue
            given = _words(option, value, places)
            (words if option.option_strings else behind).extend(given)
        self.parser.parse_args([*behind, *words])
        return ["dataset", self.job, self.kind, *behind, *words]


def forms() -> list[Form]:
    """Of every kind that can be made, then of those that are imported."""
    made = [_form(CREATE, kind.name) for kind in all_kinds() if kind.help]
    return made + [_form(IMPORT, kind.name) for kind in all_kinds() if kind.imports]


def form_of(job: str, kind: str) -> Form:
    """The form of one kind. Errors: there is none."""
    known = {(form.job, form.kind) for form in forms()}
    if (job, kind) not in known:
        raise UserError(f"no data set is made by '{job} {kind}'", do=nearest(kind, dataset_kinds))
    return _form(job, kind)


def _form(job: str, name: str) -> Form:
    kind = dataset_kinds.get(name)
    parser = _Options(prog=name, add_help=False)
    if job == CREATE:
        kind.add_arguments(parser)
        return Form(job, name, kind.help, kind.examples, parser.declared, parser)
    add_import_arguments(parser)
    about = f"a folder of Caffe's {name.upper()} as a split of a data set"
    return Form(job, name, about, "", parser.declared, parser)


def _told(option: argparse.Action) -> dict[str, Any]:
    metavar = option.metavar if isinstance(option.metavar, str) else option.dest
    default = option.default
    return {
        "name": option.dest,
        "option": next(iter(option.option_strings), metavar),
        "metavar": metavar,
        "kind": _kind(option, metavar),
        "about": _about(option),
        "required": option.required,
        "many": option.nargs in ("+", "*"),
        "default": default if isinstance(default, str | int | float) else None,
        "values": [str(choice) for choice in option.choices or ()],
    }


def _about(option: argparse.Action) -> str:
    return (option.help or "").replace("%%", "%")


def _kind(option: argparse.Action, metavar: str) -> str:
    """How it is filled in: folder, file, switch, yes-no, choice, number, dataset or text."""
    if isinstance(option, argparse.BooleanOptionalAction):
        return "yes-no"
    if option.nargs == 0:
        return "switch"
    if option.choices:
        return "choice"
    if option.type is Path:
        return "file" if metavar.startswith("FILE") else "folder"
    if option.type in (int, float):
        return "number"
    return "dataset" if metavar == "DATASET" else "text"


def _words(option: argparse.Action, value: Any, places: Places) -> list[str]:
    """One option as arguments; an option and its value are one, so that no value is an option."""
    metavar = option.metavar if isinstance(option.metavar, str) else option.dest
    kind = _kind(option, metavar)
    if kind == "switch":
        return [option.option_strings[0]] if value is True else []
    if kind == "yes-no":
        asked = {"yes": 0, "no": -1}.get(str(value))
        return [] if asked is None else [option.option_strings[asked]]
    texts = value if isinstance(value, list) and option.nargs in ("+", "*") else [value]
    if kind in ("folder", "file"):
        texts = [
            str(places.path(_one_line(text, option), folder=kind == "folder")) for text in texts
        ]
    else:
        texts = [_one_line(text, option) for text in texts]
    if not option.option_strings:
        return texts
    return [f"{option.option_strings[0]}={text}" for text in texts]


def _one_line(value: Any, option: argparse.Action) -> str:
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    text = str(value).strip() if is_plain else ""
    bad = not is_plain or any(sign in text for sign in "\0\r\n")
    if bad or (not option.option_strings and text.startswith("-")):
        raise UserError(f"'{value}' does not fit", wanted=f"one line for {option.dest}")
    return text
