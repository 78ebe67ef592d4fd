"""The jobs of `mycaffe index`: each parses, calls and prints."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from mycaffe_py.cli.features import changes_of
from mycaffe_py.data.pictures.picture_arguments import asked_of, size_of
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.features.feature_base import FrozenBase, base_of_snapshot, open_base
from mycaffe_py.evaluate.features.transform_changes import TransformChanges
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.parallel.joined import joined
from mycaffe_py.retrieve.index.build import Built, add_to_index, create_index
from mycaffe_py.retrieve.index.exporting import export_index
from mycaffe_py.retrieve.index.helping import Wanted
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.judged import (
    DuplicateReport,
    OutlierReport,
    duplicates_of,
    outliers_of,
)
from mycaffe_py.retrieve.index.listing import listed
from mycaffe_py.retrieve.index.removing import delete_index, remove_from_index


def _create(args: argparse.Namespace) -> int:
    with joined() as team:
        return _tell(create_index(args.pictures, lambda: _net(args), _wanted(args), team), args)


def _net(args: argparse.Namespace) -> FrozenBase:
    changes, pair = changes_of(args), (args.model is not None, args.weights is not None)
    if (changes != TransformChanges() or args.resize) and not all(pair):
        raise UserError(
            "--scale, a mean, --resize, --crop and colours go with --model and --weights",
            wanted="a snapshot brings along how its pictures are made",
        )
    if any(pair) and args.snapshot is not None:
        raise UserError("--snapshot brings model and weights along", do="Leave both out.")
    if all(pair):
        base = open_base(args.model, args.weights, args.run_code)
        return replace(base, transform=changes.over(base.transform))
    if any(pair):
        raise UserError("--model and --weights go together", do="Give both, or --snapshot.")
    return base_of_snapshot(args.snapshot, args.run_code)


def _wanted(args: argparse.Namespace) -> Wanted:
    if args.job == "add":
        return Wanted(label=args.label, skip_unreadable=args.skip_unreadable)
    return Wanted(
        name=args.name,
        blob=args.blob,
        cosine=args.cosine,
        label=args.label,
        asked=asked_of(args),
        resize=None if args.resize is None else size_of(args.resize, "--resize"),
        skip_unreadable=args.skip_unreadable,
        force=args.force,
    )


def _add(args: argparse.Namespace) -> int:
    with joined() as team:
        built = add_to_index(
            args.name, args.pictures, _wanted(args), args.snapshot, args.run_code, team
        )
        return _tell(built, args)


def _remove(args: argparse.Namespace) -> int:
    if args.all == bool(args.what or args.label):
        raise UserError(
            f"index remove {args.name}",
            wanted="paths or --label, or --all for the index itself",
        )
    if not args.all:
        return _tell(remove_from_index(args.name, args.what, args.label), args)
    gone = delete_index(args.name)
    print(f'{{"removed": "{args.name}"}}' if args.json else f"{gone} is removed")
    return 0


def _tell(built: Built | None, args: argparse.Namespace) -> int:
    """What has changed; files that were left out go to standard error.

    A process that only helped another one knows nothing.
    """
    if built is None:
        return 0
    for one in built.unread:
        print(f"left out: {one.why}", file=sys.stderr)
    print(dumps(built.as_json()) if args.json else "\n".join(built.lines()))
    return 0


def _export(args: argparse.Namespace) -> int:
    path, what = export_index(Index.open(args.name), args.way, args.out, args.force)
    print(dumps({"file": str(path), "holds": what}) if args.json else f"{path}: {what}")
    return 0


def _list(args: argparse.Namespace) -> int:
    found = listed(args.name)
    print(dumps(found.as_json()) if args.json else "\n".join(found.lines()))
    return 0


def _judge(args: argparse.Namespace) -> int:
    index = Index.open(args.name)
    report: DuplicateReport | OutlierReport
    if args.job == "duplicates":
        report = duplicates_of(index, args.within, args.top)
    else:
        report = outliers_of(index, args.k, args.top)
    print(dumps(report.as_json()) if args.json else "\n".join(report.lines()))
    if args.sheet is not None:
        report.draw(args.sheet)
    return 0


JOBS = {
    "create": _create, "add": _add, "remove": _remove, "export": _export, "list": _list,
    "duplicates": _judge, "outliers": _judge,
}  # fmt: skip
