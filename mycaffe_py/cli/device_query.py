"""Floor 8. `mycaffe device-query`: the machine that nets run on here."""

from __future__ import annotations

import argparse
import json

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
    import sys

    from mycaffe_py.engine.threads import set_threads

    threads = set_threads(args.threads)
    from mycaffe_py.evaluate.machine import peak_gflops, this_machine
    from mycaffe_py.kernels.vector import WIDTH_BYTES

    tell_passed_over(args, logs=False)
    if args.gpu is not None:
        print(f"--gpu {args.gpu} is passed over: all runs on the CPU", file=sys.stderr)
    machine = this_machine()
    figures = {
        "processor": machine.processor,
        "cores": machine.cores,
        "threads": threads,
        "vector_bits": WIDTH_BYTES * 8,
        "peak_gflops": round(peak_gflops(), 1),
        "python": machine.python,
        "numpy": machine.numpy,
        "numba": machine.numba,
    }
    if args.json:
        print(json.dumps(figures))
        return 0
    print(f"Processor:    {machine.processor}")
    print(f"Cores:        {machine.cores}, of which {threads} are used")
    print(f"Vectors:      {WIDTH_BYTES * 8} bits, {WIDTH_BYTES // 4} floats")
    print(f"Peak:         {figures['peak_gflops']:g} GFLOP/s, a large matrix product in float32")
    print(f"Python:       {machine.python}, numpy {machine.numpy}, numba {machine.numba}")
    return 0
