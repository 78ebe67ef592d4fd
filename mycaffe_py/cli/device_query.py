"""`mycaffe device-query`: the machine that nets run on here."""

from __future__ import annotations

import argparse
import json
import sys

from mycaffe_py.cli.log_flags import add_glog_arguments, tell_passed_over

NAME = "device-query"
HELP = "Tell what the machine is: processor, cores, vectors, what it can do at most."
EXAMPLES = """\
  mycaffe device-query
  mycaffe device-query --threads 1 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many cores to measure, and for whom."""
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--gpu", metavar="ID", help="taken and passed over: all runs on the CPU")
    add_glog_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from mycaffe_py.engine.threads import set_threads

    threads = set_threads(args.threads)
    from mycaffe_py.evaluate.timing.device import Device

    tell_passed_over(args, logs=False)
    if args.gpu is not None:
        print(f"--gpu {args.gpu} is passed over: all runs on the CPU", file=sys.stderr)
    device = Device.measured(threads)
    print(json.dumps(device.as_json()) if args.json else "\n".join(device.lines()))
    return 0
