"""`mycaffe rank`: designs trained on a table of features, compared in one table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import folder_to_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mycaffe_py.evaluate.designs.ranking import Ranking
    from mycaffe_py.evaluate.designs.workbench import Comparison
    from mycaffe_py.solver.team import Team

NAME = "rank"
HELP = "Train heads on a table of features and rank them, with baselines, in one table."
EXAMPLES = """\
  mycaffe rank models/heads/*.prototxt --features PETS_pool5 --jobs 2
  mycaffe rank difference cosine contrastive_16 --features DIGITS --split-by class --unseen 8,9
  mycaffe rank cosine --features DIGITS --sweep solver.base_lr=0.01,0.001 --json
  mpiexec -n 8 mycaffe rank difference cosine --features DIGITS    on eight processes

A head is a model text that begins at the features: Input layers with the tops a, b and same (1: one
class, 0: two), or a, p and n (an image, one of its class, one of another). It ends in a blob
'score', how alike a pair is, or in a blob 'feat', made of a alone, an encoding of the image.
The texts in models/heads are named without folder and ending: difference, absolute, product,
concatenation, cosine, contrastive_2, contrastive_16, contrastive_64, triplet, margin, mlp.

Every head gets the same pairs, half of them of one class. Training stops, and the threshold lies,
where pairs of images set aside for that say; the accuracy is of yet others. Each run that has ended
is kept in --out: the same command goes on after Ctrl-C, and trains only what has changed.
"""
_PAIRS = 20_000
# A line where there is no terminal, at most so often; a run of a head takes some seconds.
_PROGRESS_S = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Heads, features, and how they are compared."""
    parser.add_argument("heads", nargs="+", metavar="HEAD", help="texts of heads, or their names")
    parser.add_argument(
        "--features", required=True, metavar="X", help="a table: its training split, or X.SPLIT"
    )
    parser.add_argument(
        "--split-by", choices=("item", "class"), default="item",
        help="judge by images set aside, or by classes never learned from (item)",
    )  # fmt: skip
    parser.add_argument(
        "--unseen",
        default="",
        metavar="L,L",
        help="those classes, by name or number; without it the last 2 of 5",
    )
    parser.add_argument(
        "--pairs", type=int, default=_PAIRS, metavar="N", help=f"to learn from ({_PAIRS:,})"
    )
    parser.add_argument("--iterations", type=int, metavar="N", help="at most; else the solver's")
    parser.add_argument("--solver", default="heads", metavar="S", help="how heads learn (heads)")
    parser.add_argument("--seeds", default="1,2,3", metavar="N,N", help="a run for each (1,2,3)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (1)")
    parser.add_argument(
        "--sweep", action="append", default=[], metavar="solver.FIELD=V,V",
        help="try each value; a head's text asks for it with: # sweep: FIELD V V",
    )  # fmt: skip
    parser.add_argument(
        "--out",
        type=folder_to_write,
        default=Path("ranking"),
        metavar="FOLDER",
        help="results (ranking)",
    )
    parser.add_argument("--no-baselines", action="store_true", help="heads only")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Train what is not yet trained, and print the table."""
    from mycaffe_py.engine.threads import set_threads

    # Each process has one thread: heads are too small to share, and runs are many.
    set_threads(1)
    from mycaffe_py.cli.main import INTERRUPTED
    from mycaffe_py.evaluate.designs.comparison import RunsInterrupted
    from mycaffe_py.files.plain_json import dumps
    from mycaffe_py.parallel.joined import joined

    try:
        with joined() as team:
            ranking = _ranked(args, team)
    except RunsInterrupted as stop:
        print(stop, file=sys.stderr)
        return INTERRUPTED
    if ranking is None:
        return 0
    stored, picture = ranking.write(), ranking.draw()
    if args.json:
        print(dumps(ranking.as_json(), indent=1))
        return 0
    print("\n".join(ranking.lines()))
    print(f"Results: {stored}" + (f", picture: {picture}" if picture else ""))
    return 0


def _ranked(args: argparse.Namespace, team: Team) -> Ranking | None:
    """The ranking, for the first process of `team`; the others help it."""
    from mycaffe_py.data.progress import Progress
    from mycaffe_py.evaluate.designs.baselines import baselines_at_hand
    from mycaffe_py.evaluate.designs.comparison import all_runs, compare
    from mycaffe_py.evaluate.designs.head import read_head
    from mycaffe_py.evaluate.designs.ranking import Ranking

    _check(args, team.ranks)
    heads = [read_head(name) for name in args.heads]
    baselines = [] if args.no_baselines else baselines_at_hand()
    runs = all_runs(heads, baselines, _sweep(args.sweep), numbers("--seeds", args.seeds))
    comparison = _comparison(args)
    with Progress(len(runs), "run", every_s=_PROGRESS_S) as bar:
        results = compare(comparison, runs, args.jobs, lambda _: bar.update(), team)
    return Ranking.of(comparison, results) if team.rank == 0 else None


def _check(args: argparse.Namespace, processes: int) -> None:
    from mycaffe_py.errors import UserError

    for name, least in (("pairs", 2), ("jobs", 1), ("iterations", 1)):
        value = getattr(args, name)
        if value is not None and value < least:
            raise UserError(f"--{name} is {value}", wanted=f"at least {least}")
    if args.jobs > 1 and processes > 1:
        raise UserError(
            f"--jobs {args.jobs} in {processes} processes",
            wanted="the runs are dealt to the processes that mpiexec has started",
            do="Leave --jobs out.",
        )
    if args.unseen and args.split_by != "class":
        raise UserError("--unseen without --split-by class", do="Add --split-by class.")


def _comparison(args: argparse.Namespace) -> Comparison:
    from mycaffe_py.data.source import open_source
    from mycaffe_py.evaluate.designs.parts import unseen_labels
    from mycaffe_py.evaluate.designs.workbench import Comparison

    name = args.features if "." in args.features else f"{args.features}.training"
    unseen = unseen_labels(args.unseen, open_source(name)) if args.unseen else ()
    return Comparison(
        name, args.split_by, unseen, args.pairs, args.solver, args.iterations, args.out
    )


def numbers(option: str, text: str) -> list[int]:
    """The numbers of "1,2,3", each once."""
    from mycaffe_py.errors import UserError

    try:
        found = list(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        found = []
    if not found or min(found) < 0:
        raise UserError(f"{option} is '{text}'", wanted="numbers with commas between, such as 1,2")
    return found


def _sweep(options: Sequence[str]) -> list[tuple[str, list[str]]]:
    """("base_lr", ["0.1", "0.01"]) of "solver.base_lr=0.1,0.01"."""
    from mycaffe_py.errors import UserError

    found = []
    for option in options:
        path, sign, values = option.partition("=")
        tried = [value.strip() for value in values.split(",") if value.strip()]
        if not path.startswith("solver.") or not sign or not tried:
            raise UserError(
                f"--sweep {option}",
                wanted="a field of the solver text and its values",
                do="For example --sweep solver.base_lr=0.01,0.001.",
            )
        found.append((path.removeprefix("solver."), tried))
    return found
