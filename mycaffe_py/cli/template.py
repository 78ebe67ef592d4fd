"""`mycaffe template`: the model and solver texts that come with the package."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.proto.templates import Template

NAME = "template"
# The name under which texts are written for a data set, not copied.
FITTED = "siamese"
HELP = "List the model and solver texts that come with mycaffe, or copy them to edit."
EXAMPLES = """\
  mycaffe template list
  mycaffe template copy siamese_28x28              both texts, into this folder
  mycaffe template copy lenet experiments/first    into another folder, made if need be
  mycaffe template copy heads/cosine               a head for 'mycaffe rank', and how heads learn
  mycaffe template copy siamese --data PETS        texts written for your own data set
  mycaffe template copy siamese --data PETS --loss triplet
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, or `copy NAME [DIR]`."""
    jobs = parser.add_subparsers(dest="job", metavar="list|copy", required=True)
    listing = jobs.add_parser("list", help="names, with one line about each")
    listing.add_argument("--json", action="store_true", help="for machines")
    copying = jobs.add_parser("copy", help="put both texts of a template into a folder")
    copying.add_argument("name", metavar="NAME")
    copying.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path())
    copying.add_argument(
        "--data", metavar="DATASET",
        help=f"with NAME {FITTED}: write both texts for this data set",
    )  # fmt: skip
    copying.add_argument(
        "--loss",
        choices=("contrastive", "triplet"),
        help="with --data: learn from pairs, or from all triplets of a batch; default: contrastive",
    )
    copying.add_argument("--force", action="store_true", help="replace files that are there")


def run(args: argparse.Namespace) -> int:
    """List the templates, or copy one."""
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


def _begun(texts: dict[Path, bytes], there: list[Path]) -> bool:
    """Whether the files `there` are the first ones of a copy that was killed before its last."""
    return len(there) < len(texts) and all(
        path.is_file() and path.read_bytes() == texts[path] for path in there
    )


def _copy(args: argparse.Namespace) -> int:
    from mycaffe_py.errors import UserError
    from mycaffe_py.files.atomic import write_atomically

    named = _written(args) if args.data is not None else _packaged(args)
    texts = {args.folder / name: text for name, text in named.items()}
    there = [path for path in texts if path.exists()]
    if there and not args.force and not _begun(texts, there):
        raise UserError(
            f"{' and '.join(str(path) for path in there)} would be overwritten",
            do="Name another folder, or say --force.",
        )
    args.folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        write_atomically(path, text)
        print(path)
    return 0


def _packaged(args: argparse.Namespace) -> dict[str, bytes]:
    """File names and texts of a template that comes with mycaffe."""
    from mycaffe_py.errors import UserError, nearest

    name = args.name.removesuffix(".prototxt").removesuffix(".solver")
    if args.loss is not None or name == FITTED:
        raise UserError(
            "--loss without --data" if args.loss is not None else f"'{FITTED}' without --data",
            wanted="these texts are written for a data set",
            do=f"Say 'mycaffe template copy {FITTED} --data DATASET'.",
        )
    known = {template.name: template for template in _all()}
    if f"heads/{name}" in known:
        name = f"heads/{name}"
    if name not in known:
        raise UserError(f"there is no template '{args.name}'", do=nearest(name, [*known, FITTED]))
    template = known[name]
    sources = [path for path in (template.model, template.solver) if path is not None]
    return {path.name: path.read_bytes() for path in sources}


def _written(args: argparse.Namespace) -> dict[str, bytes]:
    """File names and texts that are written for a data set."""
    from mycaffe_py.data.data_facts import facts_of
    from mycaffe_py.errors import UserError
    from mycaffe_py.proto.fitted.texts import fitted_texts

    if args.name != FITTED:
        raise UserError(
            f"--data with the template '{args.name}'",
            wanted=f"texts for a data set are written under the name {FITTED}",
            do=f"Say 'mycaffe template copy {FITTED} --data {args.data}'.",
        )
    facts = facts_of(args.data)
    loss = args.loss or "contrastive"
    tail = "" if loss == "contrastive" else f"_{loss}"
    texts = fitted_texts(f"{FITTED}_{facts.dataset}{tail}", facts, loss)
    return {
        f"{texts.name}.prototxt": texts.model.encode(),
        f"{texts.name}.solver": texts.solver.encode(),
    }
