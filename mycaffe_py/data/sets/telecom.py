"""Windows of counters of a simulated telecom link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.counters.like import add_like, counters_like, listed_names
from mycaffe_py.data.dataset_kind import DatasetKind, Made, register

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import UserError, Where

_EXAMPLES = """\
  mycaffe dataset create telecom                     the three patterns telecom has, by itself too
  mycaffe dataset create telecom --patterns all --name faults --hours 2 --seed 7
  mycaffe dataset create telecom --patterns normal,blocked,capacity,loss,cpu --name known
  mycaffe dataset create telecom --patterns server,storm --name unseen --like known

patterns (the link is simulated with each fault in a severity of its own, second by second):
  normal    nothing is wrong            blocked   nothing passes
  capacity  demand at the link's limit  loss      packets are lost on the line
  flapping  the link comes and goes     server    answers take long
  cpu       the node has little CPU     storm     devices attach over and over
  cells     half the cells are down     loop      packets are sent again and again

'telecom' (normal, blocked, capacity) and 'telecom10' (all) need no command: a net that names
"telecom.training" has them made, in seconds. Splits: training, validation, testing; the last two
have other random numbers and other hours of the day. A window is an image of 1 channel, 30 rows
(seconds) and 9 columns (counters), scaled by the statistics of the training windows.
"""


@register
class Telecom(DatasetKind):
    """Traffic with faults, simulated second by second."""

    name = "telecom"
    place = 13
    # The first three patterns, and all of them.
    known = ("telecom", "telecom10")
    help = "windows of a simulated telecom link with faults"
    examples = _EXAMPLES

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What is simulated, and for how long."""
        parser.add_argument("--name", metavar="NAME", default="telecom", help="default: telecom")
        parser.add_argument(
            "--hours", metavar="H", type=float, default=8.0,
            help="hours of traffic of each pattern for training (120 windows an hour), half as "
            "many each for validation and testing; default: 8",
        )  # fmt: skip
        parser.add_argument("--seed", metavar="S", type=int, default=1, help="default: 1")
        parser.add_argument(
            "--patterns", metavar="A,B,...",
            help="names as below, or all; default: normal,blocked,capacity, for telecom10 all",
        )  # fmt: skip
        add_like(parser)

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Simulate traffic, and write it. Errors: unknown patterns, hours out of range."""
        from mycaffe_py.data.telecom import dataset as telecom
        from mycaffe_py.data.telecom.patterns import PATTERNS

        patterns = telecom.recipe_of(args.name).patterns
        if args.patterns == "all":
            patterns = PATTERNS
        elif args.patterns is not None:
            patterns = telecom.patterns_called(listed_names(args.patterns))
        recipe = telecom.TelecomRecipe(patterns, args.hours, args.seed, counters_like(args.like))
        telecom.create(path, args.name, recipe)
        return Made()

    def make_known(self, dataset: str, path: Path, where: Where | None) -> UserError | None:
        """Simulate it; this cannot fail."""
        from mycaffe_py.data.telecom import dataset as telecom

        telecom.create(path, dataset, telecom.recipe_of(dataset))
        return None

    def head_of_known(self, dataset: str, split: str, where: Where | None) -> SourceHead:
        """What is known of a split before it is simulated. Errors: no such split."""
        from mycaffe_py.data.telecom import dataset as telecom

        return telecom.head(dataset, split, where)
