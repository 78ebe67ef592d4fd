"""Floor 8. `mycaffe dataset`: create datasets, look at them, check them, take them in and out.

The jobs are in files of their own, so that `mycaffe --help` imports nothing heavy.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from mycaffe_py.cli.dataset.window_arguments import add_windows
from mycaffe_py.cli.picture_arguments import add_picture_arguments

NAME = "dataset"
HELP = "Create, list, show, verify, import and export datasets."
EXAMPLES = """\
  mycaffe dataset list                                   what there is
  mycaffe dataset create mnist                           download MNIST
  mycaffe dataset create mnist --from ~/mnist            from its four IDX files
  mycaffe dataset create images pets --name PETS --size 32x32 --test-percent 20
  mycaffe dataset show digits28                          contact sheet and mean image as PNG
  mycaffe dataset verify MNIST                           is every byte as it was made?
  mycaffe dataset export MNIST pictures                  a PNG per image, a folder per label
  mycaffe dataset import lmdb mnist_train_lmdb --name OLD     from Caffe's LMDB
  mycaffe dataset export MNIST.training lmdb mnist_lmdb       to Caffe's LMDB
  mycaffe dataset mean MNIST.training mean.binaryproto        Caffe's mean file
  mycaffe dataset create telecom                         windows of a simulated telecom link
  mycaffe dataset create csv day.csv --name LINK --label-column fault     your own counters
  mycaffe dataset export telecom10.testing csv one.csv --label "slow server"    one window
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
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


Jobs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(jobs: Jobs, name: str, help_line: str, examples: str) -> argparse.ArgumentParser:
    return jobs.add_parser(
        name,
        help=help_line,
        description=help_line,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a dataset (MNIST) or source (MNIST.testing)")


def _add_bgr(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bgr",
        action="store_true",
        help="the LMDB holds pixels blue first, as convert_imageset writes them: turn them round",
    )


def _add_import(jobs: Jobs) -> None:
    importing = _add(
        jobs,
        "import",
        "read Caffe's LMDB or LevelDB folder",
        "  mycaffe dataset import lmdb mnist_train_lmdb --name OLD\n"
        "  mycaffe dataset import lmdb mnist_test_lmdb --name OLD --split testing\n",
    )
    importing.add_argument("kind", metavar="lmdb|leveldb", choices=["lmdb", "leveldb"])
    importing.add_argument("folder", metavar="DIR", type=Path)
    importing.add_argument("--name", metavar="NAME", required=True, help="of the dataset")
    importing.add_argument("--split", metavar="SPLIT", default="training", help="default: training")
    _add_bgr(importing)
    importing.add_argument("--force", action="store_true", help="replace a split of this name")


def _add_export(jobs: Jobs) -> None:
    exporting = _add(
        jobs,
        "export",
        "DIR/<split>/<label>/<index>.png, an LMDB folder, or a CSV file",
        "  mycaffe dataset export MNIST.testing pictures\n"
        "  mycaffe dataset export MNIST.testing lmdb mnist_test_lmdb\n"
        "  mycaffe dataset export telecom.testing csv windows.csv\n"
        '  mycaffe dataset export telecom10.testing csv one.csv --label "slow server"\n',
    )
    _add_name(exporting)
    exporting.add_argument(
        "kind",
        metavar="lmdb|csv",
        nargs="?",
        choices=["lmdb", "csv"],
        help="Caffe's LMDB, or windows of counters as CSV, instead of PNGs",
    )
    exporting.add_argument("folder", metavar="DIR|FILE", type=Path)
    _add_bgr(exporting)
    exporting.add_argument(
        "--label", metavar="LABEL", help="csv: one window, the first with this label"
    )
    exporting.add_argument(
        "--index",
        metavar="I",
        type=int,
        help="csv: one window, number I from 0 (with --label: of those)",
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
    kinds = creating.add_subparsers(
        dest="kind", metavar="mnist|images|subset|telecom|csv", required=True
    )
    mnist = _add(
        kinds,
        "mnist",
        "MNIST, or a set of your own in its four files",
        "  mycaffe dataset create mnist\n"
        "  mycaffe dataset create mnist --from ~/mnist\n"
        "  mycaffe dataset create mnist --from ~/fashion --name FASHION --no-check\n",
    )
    mnist.add_argument(
        "--from",
        metavar="DIR",
        dest="folder",
        type=Path,
        help="folder of the four IDX files, gzipped or not; default: $MYCAFFE_MNIST, or download",
    )
    mnist.add_argument("--name", metavar="NAME", default="MNIST", help="default: MNIST")
    mnist.add_argument(
        "--no-check",
        action="store_true",
        help="a set of your own: do not compare MNIST's checksums; needs --name",
    )
    mnist.add_argument("--force", action="store_true", help="replace a dataset of this name")
    _add_create_images(kinds)
    _add_create_subset(kinds)
    add_windows(kinds, _add)


def _add_create_images(kinds: Jobs) -> None:
    images = _add(
        kinds,
        "images",
        "pictures of any format, in a folder per class",
        "  mycaffe dataset create images pets --name PETS --size 32x32\n"
        "  mycaffe dataset create images scans --name SCANS --size 28x28 --gray"
        " --test-percent 20\n"
        "  mycaffe dataset create images letters --name LETTERS --size 28x28 --gray --fit ink\n"
        "  mycaffe dataset create images ct --name CT --size 64x64 --gray --range -1000:400\n\n"
        "How the pictures were read is kept with the data set, and pictures that a net is asked\n"
        "about later are read the same.\n\n"
        "folders:\n"
        "  DIR/<class>/*                                     all for training\n"
        "  DIR/training/<class>/* and DIR/testing/<class>/*  with a test split\n",
    )
    images.add_argument("folder", metavar="DIR", type=Path)
    images.add_argument("--name", metavar="NAME", required=True, help="of the new dataset")
    images.add_argument("--size", metavar="WxH", help="resize to this; default: as they are")
    images.add_argument("--gray", action="store_true", help="one channel instead of three")
    add_picture_arguments(
        images, "default: stretch", "default: none; with --fit ink those with a light border"
    )
    images.add_argument(
        "--test-percent",
        metavar="P",
        type=float,
        default=0.0,
        help="share of each class to set aside for testing; default: 0",
    )
    images.add_argument(
        "--skip-unreadable",
        action="store_true",
        help="leave out files that cannot be read instead of stopping",
    )
    images.add_argument("--force", action="store_true", help="replace a dataset of this name")


def _add_create_subset(kinds: Jobs) -> None:
    subset = _add(
        kinds,
        "subset",
        "the images of some labels of a dataset, labels as they are",
        "  mycaffe dataset create subset MNIST --labels 0,1,2,3,4 --name LOW\n"
        "  mycaffe dataset create subset PETS --labels cat,dog --name TWO\n",
    )
    subset.add_argument("origin", metavar="DATASET")
    subset.add_argument("--labels", metavar="L,L", required=True, help="names or numbers of labels")
    subset.add_argument("--name", metavar="NAME", required=True, help="of the new dataset")
    subset.add_argument("--force", action="store_true", help="replace a dataset of this name")


def run(args: argparse.Namespace) -> int:
    """Do the job that was asked for."""
    from mycaffe_py.cli.dataset import create, exchange, look

    if args.job == "create":
        return create.create(args)
    jobs = {
        "list": look.list_all,
        "show": look.show,
        "verify": look.verify,
        "export": look.export,
        "import": exchange.import_records,
        "mean": exchange.mean,
    }
    return jobs[args.job](args)
