"""Floor 8. `mycaffe template`: the model and solver texts that come with the package."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.proto.templates import Template

NAME = "template"
HELP = "List the model and solver texts that come with mycaffe, or copy them to edit."
EXAMPLES = """\
  mycaffe template list
  mycaffe template copy siamese_28x28              both texts, into this folder
  mycaffe template copy lenet experiments/first    into another folder, made if need be
  mycaffe template copy heads/cosine               a head for 'mycaffe rank', and how heads learn
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, or `copy NAME [DIR]`."""
    jobs = parser.add_subparsers(dest="job", metavar="list|copy", required=True)
    listing = jobs.add_parser("list", help="names, with one line about each")
    listing.add_argument("--json", action="store_true", help="for machines")
    copying = jobs.add_parser("copy", help="put both texts of a template into a folder")
    copying.add_argument("name", metavar="NAME")
    copying.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path())
    copying.add_argument("--force", action="store_true", help="replace files that are there")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    return _list(args.json) if args.job == "list" else _copy(args)


def _list(as_json: bool) -> int:
    rows = _all()
    if as_json:
        print(
            json.dumps(
                [
                    {
                        "name": t.name,
                        "about": t.about,
                        "model": str(t.model),
                        "solver": str(t.solver) if t.solver else None,
                    }
                    for t in rows
                ]
            )
        )
        return 0
    width = max(len(t.name) for t in rows)
    for row in rows:
        print(f"{row.name:{width}}  {row.about}")
    return 0


def _all() -> list[Template]:
    """Whole nets and heads, by name."""
    from mycaffe_py.proto.templates import heads, templates

    return sorted([*templates(), *heads()], key=_name)


def _name(template: Template) -> str:
    return template.name


def _begun(sources: list[Path], there: list[Path]) -> bool:
    """Whether the files `there` are the first ones of a copy that was killed before its last."""
    texts = {path.name: path.read_bytes() for path in sources}
    return len(there) < len(sources) and all(
        path.is_file() and path.read_bytes() == texts[path.name] for path in there
    )


def _copy(args: argparse.Namespace) -> int:
    from mycaffe_py.atomic import write_atomically
    from mycaffe_py.errors import UserError, nearest

    known = {template.name: template for template in _all()}
    name = args.name.removesuffix(".prototxt").removesuffix(".solver")
    if f"heads/{name}" in known:
        name = f"heads/{name}"
    if name not in known:
        raise UserError(f"there is no template '{args.name}'", do=nearest(name, known))
    template = known[name]
    sources = [path for path in (template.model, template.solver) if path is not None]
    there = [args.folder / path.name for path in sources if (args.folder / path.name).exists()]
    if there and not args.force and not _begun(sources, there):
        raise UserError(
            f"{' and '.join(str(path) for path in there)} would be overwritten",
            do="Name another folder, or say --force.",
        )
    args.folder.mkdir(parents=True, exist_ok=True)
    for path in sources:
        target = args.folder / path.name
        write_atomically(target, path.read_bytes())
        print(target)
    return 0
