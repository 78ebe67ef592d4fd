"""`mycaffe index`: what a net makes of many pictures, kept to find the most alike among them."""

from __future__ import annotations

import argparse

from mycaffe_py.cli.index.arguments import add_jobs

NAME = "index"
HELP = "Make an index of pictures, keep it up to date, look for doubles, take it elsewhere."
EXAMPLES = """\
  mycaffe index create holiday/ --name holiday      all pictures below a folder
  mycaffe index create MNIST.testing                all of a data set
  mpiexec -n 4 mycaffe index create holiday/        on four processes, with the same bytes
  mycaffe index add holiday                         what is new, changed or gone since
  mycaffe index add holiday more/                   another folder
  mycaffe index remove holiday holiday/old          rows, not pictures
  mycaffe index duplicates holiday --sheet doubles.png
  mycaffe index outliers holiday
  mycaffe index export holiday tsv                  for TensorBoard's projector
  mycaffe index list

A picture's label is the folder below PICTURES that it lies in. 'mycaffe find' asks an index. It is
kept in the data folder (NAME.index), knows the net that made it and takes no other.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each job."""
    add_jobs(parser)


def run(args: argparse.Namespace) -> int:
    """Do the job that was asked for."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(getattr(args, "threads", None))
    from mycaffe_py.cli.index import jobs

    return jobs.JOBS[args.job](args)
