"""How long a run is: --iterations, what other programs call it, and the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.solver.texts import Job

VARIABLE = "MYCAFFE_ITERATIONS"


def add_length_arguments(parser: argparse.ArgumentParser) -> None:
    """--iterations, and the two options that are taken for it."""
    parser.add_argument(
        "--iterations", type=int, metavar="N",
        help=f"stop after iteration N instead of max_iter; a new run without it stops after "
        f"${VARIABLE} at the latest, for a quick look",
    )  # fmt: skip
    parser.add_argument(
        "--max_iter", "--max-iter", "--max_iterations", "--max-iterations",
        type=int, dest="max_iter", help=argparse.SUPPRESS,
    )  # fmt: skip
    parser.add_argument(
        "--epochs", type=float, metavar="E",
        help="as many iterations as show the net its data E times",
    )  # fmt: skip


def with_length(read: Callable[[list[str]], Job], args: argparse.Namespace, *, new: bool) -> Job:
    """The job that `read` makes of overrides: those of --set, and the length of the run.

    What was guessed is said. Errors: less than one iteration, two lengths at once.
    """
    from mycaffe_py.errors import UserError

    given = [name for name in ("iterations", "max_iter", "epochs") if _given(args, name)]
    if len(given) > 1:
        raise UserError(
            f"{' and '.join(f'--{name}' for name in given)} are both given",
            wanted="a run has one length",
            do="Keep --iterations.",
        )
    overrides = list(args.overrides)
    iterations = args.iterations
    if args.max_iter is not None:
        print(f"--max_iter is taken as --iterations {args.max_iter}")
        iterations = args.max_iter
    elif args.epochs is not None:
        from mycaffe_py.solver.epochs import iterations_of

        iterations, said = iterations_of(read(overrides), args.epochs)
        print(said)
    elif iterations is None and new:
        iterations = _of_environment(read(overrides).solver.max_iter)
    if iterations is None:
        return read(overrides)
    if iterations < 1:
        raise UserError(f"--iterations {iterations}", wanted="a run has at least 1")
    return read([*overrides, f"solver.max_iter={iterations}"])


def _given(args: argparse.Namespace, name: str) -> bool:
    return getattr(args, name) is not None


def _of_environment(max_iter: int) -> int | None:
    """What the environment asks for where that is less than the text's; says so."""
    from mycaffe_py.errors import UserError

    word = os.environ.get(VARIABLE, "").strip()
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and int(word) > 0):
        raise UserError(
            f"{VARIABLE} is '{word}'",
            wanted="it holds the number of iterations after which a run stops",
            do="Unset it, or set it to a whole number of at least 1.",
        )
    if int(word) >= max_iter:
        return None
    print(f"{VARIABLE}: this run stops after {int(word):,} of {max_iter:,} iterations")
    return int(word)
