"""The options of the jobs of `mycaffe dataset`; imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from mycaffe_py.data.caffe_stores.import_arguments import add_bgr, add_import_arguments
from mycaffe_py.data.dataset_kind import all_kinds

Jobs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each job."""
    jobs = parser.add_subparsers(
        dest="job", metavar="create|list|show|verify|export|import|mean", required=True
    )
    _add_create(jobs)
    listing = _add(jobs, "list", "datasets and their splits", "  mycaffe dataset list --json\n")
    listing.add_argument("--json", action="store_true", help="for machines")
    showing = _add(
        jobs,
        "show",
        "counts per label; contact sheet and mean image as PNG",
        "  mycaffe dataset show MNIST\n  mycaffe dataset show MNIST.testing --out pictures\n",
    )
    _add_name(showing)
    showing.add_argument("--out", metavar="DIR", type=Path, default=Path(), help="default: here")
    showing.add_argument("--columns", metavar="N", type=int, default=16, help="default: 16")
    showing.add_argument("--json", action="store_true", help="counts and file names for machines")
    verifying = _add(
        jobs, "verify", "compare checksums with the stored ones", "  mycaffe dataset verify MNIST\n"
    )
    _add_name(verifying)
    verifying.add_argument("--json", action="store_true", help="for machines")
    _add_export(jobs)
    _add_import(jobs)
    _add_mean(jobs)


def _add(jobs: Jobs, name: str, help_line: str, examples: str) -> argparse.ArgumentParser:
    return jobs.add_parser(
        name, help=help_line, description=help_line, epilog=f"examples:\n{examples}"
    )


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a dataset (MNIST) or source (MNIST.testing)")


def _add_import(jobs: Jobs) -> None:
    importing = _add(
        jobs,
        "import",
        "read Caffe's LMDB or LevelDB folder",
        "  mycaffe dataset import lmdb mnist_train_lmdb --name OLD\n"
        "  mycaffe dataset import lmdb mnist_test_lmdb --name OLD --split testing\n"
        "  mycaffe dataset import lmdb pets_lmdb --name PETS --names labels.txt\n",
    )
    names = [kind.name for kind in all_kinds() if kind.imports]
    importing.add_argument("kind", metavar="|".join(names), choices=names)
    add_import_arguments(importing)


def _add_export(jobs: Jobs) -> None:
    exporting = _add(
        jobs,
        "export",
        "PNGs in DIR/<split>/<label>, an LMDB folder, CSV, .npy, .npz, or TensorBoard's projector",
        "  mycaffe dataset export MNIST.testing pictures\n"
        "  mycaffe dataset export MNIST.testing lmdb mnist_test_lmdb\n"
        "  mycaffe dataset export telecom.testing csv windows.csv\n"
        '  mycaffe dataset export telecom10.testing csv one.csv --label "slow server"\n'
        "  mycaffe dataset export telecom10.testing csv evening.csv --series "
        '"normal:20,slow server:5,normal:10"\n'
        "tables of 'mycaffe features':\n"
        "  mycaffe dataset export HIGH_ip1.training npz features.npz     x, y, names\n"
        "  mycaffe dataset export HIGH_ip1.training npy features.npy     and features.labels.npy\n"
        "  mycaffe dataset export HIGH_ip1.training csv features.csv     label, name, values\n"
        "  mycaffe dataset export HIGH_ip1.training projector DIR       tensorboard --logdir DIR\n",
    )
    _add_name(exporting)
    kinds = ["lmdb", "csv", "npy", "npz", "projector"]
    exporting.add_argument(
        "kind",
        metavar="|".join(kinds),
        nargs="?",
        choices=kinds,
        help="instead of PNGs Caffe's LMDB; windows of counters or a table of features as CSV; any "
        "items as numpy's files or for TensorBoard's projector",
    )
    exporting.add_argument("folder", metavar="DIR|FILE", type=Path)
    add_bgr(exporting)
    _add_windows(exporting)


def _add_windows(exporting: argparse.ArgumentParser) -> None:
    """Which windows a CSV file gets; all without these options."""
    exporting.add_argument(
        "--label", metavar="LABEL", help="csv: one window, the first with this label"
    )
    exporting.add_argument(
        "--index",
        metavar="I",
        type=int,
        help="csv: one window, number I from 0 (with --label: of those)",
    )
    exporting.add_argument(
        "--series",
        metavar="A:N,B:M,...",
        help="csv: one long recording, N windows of label A, then M of B, ..., without a gap",
    )


def _add_mean(jobs: Jobs) -> None:
    averaging = _add(
        jobs,
        "mean",
        "write a mean image: .binaryproto as Caffe does, or .npy",
        "  mycaffe dataset mean MNIST.training mean.binaryproto\n"
        "  mycaffe dataset mean mnist_train_lmdb mean.binaryproto\n",
    )
    averaging.add_argument("name", metavar="NAME", help="a source, or an LMDB or LevelDB folder")
    averaging.add_argument("file", metavar="FILE", type=Path)


def _add_create(jobs: Jobs) -> None:
    creating = _add(
        jobs,
        "create",
        "fill a dataset",
        "  mycaffe dataset create mnist\n"
        "  mycaffe dataset create images pets --name PETS --size 32x32 --gray\n",
    )
    made = [kind for kind in all_kinds() if kind.help]
    kinds = creating.add_subparsers(
        dest="kind", metavar="|".join(kind.name for kind in made), required=True
    )
    for kind in made:
        kind.add_arguments(_add(kinds, kind.name, kind.help, kind.examples))
