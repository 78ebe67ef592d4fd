"""Letters of many scripts, drawn from fonts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, Made, register

if TYPE_CHECKING:
    import argparse

    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import UserError, Where

_NAME = "glyphs"
_EXAMPLES = """\
  mycaffe dataset create glyphs                      from the fonts of this machine
  mycaffe dataset create glyphs --fonts ~/noto --letters 20 --renderings 10 --name few

For nets that shall recognise from one example what they never saw. A class is a letter of a script;
its pictures are in MNIST's form (28x28, white on black, centred by mass), in several fonts and
weights, each slanted, bent and gone over with another pen. Splits are parted by script: training,
validation (to choose by) and testing hold letters of other scripts each. Digits and numbers of all
scripts are left out, letters that look like one of an earlier split too.
The fonts: on Debian 'apt-get install fonts-noto-core fonts-noto-extra'. The same fonts and seed
give the same pictures.
"""


@register
class Glyphs(DatasetKind):
    """Letters as if written by hand, parted by script."""

    name = "glyphs"
    place = 14
    known = (_NAME,)
    certainly = False
    help = "letters of many scripts, drawn from fonts, for learning from one example"
    examples = _EXAMPLES

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which fonts, and how much is drawn of them."""
        add = parser.add_argument
        add("--name", metavar="NAME", default=_NAME, help=f"default: {_NAME}")
        add(
            "--fonts", metavar="FOLDER", type=Path,
            help="where the font files are; default: /usr/share/fonts",
        )  # fmt: skip
        add(
            "--letters", metavar="N", type=int, default=40,
            help="of each script at most, by chance; default: 40",
        )  # fmt: skip
        add(
            "--renderings", metavar="N", type=int, default=20,
            help="pictures of each letter; default: 20",
        )  # fmt: skip
        add("--seed", metavar="S", type=int, default=1, help="default: 1")
        add("--force", action="store_true", help="replace a dataset of this name")

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Draw, and write. Errors: no fonts, fonts of few scripts, numbers out of range."""
        from mycaffe_py.data.glyphs.dataset import GlyphRecipe, make_sources
        from mycaffe_py.data.glyphs.fonts import FOLDER
        from mycaffe_py.data.image_database.database import write_dataset

        recipe = GlyphRecipe(args.fonts or FOLDER, args.renderings, args.letters, args.seed)
        sources = make_sources(args.name, recipe)
        write_dataset(path, args.name, sources, "letters of many scripts, drawn from fonts")
        return Made(lines=[one.description for one in sources.values()])

    def make_known(self, dataset: str, path: Path, where: Where | None) -> UserError | None:
        """Draw it from the fonts of this machine; the error where it has none."""
        from mycaffe_py.data.glyphs.dataset import GlyphRecipe, make_sources
        from mycaffe_py.data.glyphs.fonts import FOLDER
        from mycaffe_py.data.image_database.database import write_dataset
        from mycaffe_py.errors import UserError

        try:
            sources = make_sources(dataset, GlyphRecipe(FOLDER))
        except UserError as error:
            return error
        write_dataset(path, dataset, sources, "letters of many scripts, drawn from fonts")
        return None

    def head_of_known(self, dataset: str, split: str, where: Where | None) -> SourceHead:
        """Its shape; how many letters there are is known when it is made. Errors: no such split."""
        from mycaffe_py.data.glyphs.dataset import SPLITS
        from mycaffe_py.data.pictures.picture_record import MNIST_WAY
        from mycaffe_py.data.source_head import make_head
        from mycaffe_py.errors import UserError, nearest

        if split not in SPLITS:
            raise UserError(
                f"dataset '{dataset}' has no split '{split}'",
                where=where,
                do=nearest(split, SPLITS),
            )
        return make_head(f"{dataset}.{split}", MNIST_WAY.shape, {0: 1})
