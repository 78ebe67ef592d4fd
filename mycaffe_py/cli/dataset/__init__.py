"""`mycaffe dataset`: create datasets, look at them, check them, take them in and out.

The jobs are in files of their own, so that `mycaffe --help` imports nothing heavy. What can be
created and imported, and with which options, is told by the kinds of data sets (data/sets/).
"""

from __future__ import annotations

import argparse

from mycaffe_py.cli.dataset.arguments import add_jobs

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
    add_jobs(parser)


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
