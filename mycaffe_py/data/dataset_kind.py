"""What a kind of data set is: a class in a file of its own in data/sets/, where it is found.

Its `name` and options are those of `mycaffe dataset create`. Whatever opens a data set by its name
asks the kinds in turn which of them holds it, and where none does, which of them can make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from mycaffe_py.data.dataset_paths import dataset_path, names_with
from mycaffe_py.registry import Registry

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.data.caffe_stores.record_cursor import Walk
    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import UserError, Where


@dataclass(frozen=True)
class Made:
    """What there is to tell once a data set is made.

    `lines` are printed before its contents, `notes` go to standard error; `files` are those of the
    items of each source, where each item came from a file of its own.
    """

    lines: Sequence[str] = ()
    notes: Sequence[str] = ()
    files: Mapping[str, Sequence[Path]] = field(default_factory=dict)


class DatasetKind:
    """One kind of data set. A kind overrides only what it can do.

    It may be created by a command (`help`, `add_arguments`, `create`), be imported from a store of
    Caffe's (`imports`, `records`), bring data sets that are made when a text names them (`known`,
    `make_known`, ...), and keep its data sets in a form of its own (`suffix`, `open`, ...). A kind
    without a `suffix` writes files of the image database, which the kind `database` opens.
    """

    name: ClassVar[str]
    # Where it stands among the others in help texts, and when a data set is looked for.
    place: ClassVar[int] = 100

    # The command. `help` is empty where `mycaffe dataset create` does not make this kind.
    help: ClassVar[str] = ""
    examples: ClassVar[str] = ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options of `mycaffe dataset create`: --name, --force and its own."""

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Make the data set `args.name` in `path`, which is new or may be replaced."""
        raise NotImplementedError

    # The import: whether `mycaffe dataset import` reads it.
    imports: ClassVar[bool] = False

    def records(self, folder: Path) -> Walk:
        """The images of the store in `folder`, one after the other."""
        raise NotImplementedError

    # Data sets that are made when they are asked for by these names, `certainly` or if they can be.
    known: ClassVar[tuple[str, ...]] = ()
    certainly: ClassVar[bool] = True

    def make_known(self, dataset: str, path: Path, where: Where | None) -> UserError | None:
        """Make `dataset`, one of `known`, in `path`; the error that says why it cannot be had."""
        raise NotImplementedError

    def head_of_known(self, dataset: str, split: str, where: Where | None) -> SourceHead:
        """What is known of a split before it is made. Errors: no such split."""
        raise NotImplementedError

    def how_to_make(self, dataset: str) -> str:
        """The sentence that tells the command which makes `dataset`, one of `known`."""
        return f"'mycaffe dataset create {self.name} --name {dataset}' makes it."

    # A form of its own: the ending of its files or folders in the data folder.
    suffix: ClassVar[str] = ""
    # Whether its data sets are part of the package.
    built_in: ClassVar[bool] = False
    # What is wrong with a data set without a split; empty where that is nothing to complain of.
    without_splits: ClassVar[str] = ""

    def path(self, dataset: str) -> Path:
        """Where `dataset` is kept, there or not. Errors: a name that can be none."""
        if self.suffix:
            return dataset_path(dataset).with_name(f"{dataset}{self.suffix}")
        return dataset_path(dataset)

    def place_of(self, dataset: str) -> str:
        """The same for people."""
        return "built in" if self.built_in else str(self.path(dataset))

    def names(self) -> list[str]:
        """The data sets that are there in this form."""
        return names_with(self.suffix) if self.suffix else []

    def holds(self, dataset: str) -> bool:
        """Whether `dataset` is there in this form."""
        return bool(self.suffix) and self.path(dataset).exists()

    def splits(self, dataset: str) -> list[str]:
        """The splits of a data set that it holds."""
        raise NotImplementedError

    def open(self, dataset: str, split: str, where: Where | None = None) -> ArraySource:
        """A split of a data set that it holds. Errors: no such split, damaged data."""
        raise NotImplementedError

    def browse(self, dataset: str, split: str) -> ArraySource:
        """A split to look through: images may be read when they are gathered. Errors: as `open`."""
        return self.open(dataset, split)

    def head(self, dataset: str, split: str, where: Where | None = None) -> SourceHead:
        """Shape and classes of a split, without its pixels. Errors: as `open`."""
        from mycaffe_py.data.source_head import head_of

        return head_of(self.open(dataset, split, where))

    def stored_checksum(self, dataset: str, split: str) -> str | None:
        """The checksum that a split was made with, None where it has none."""
        return self.open(dataset, split).checksum


dataset_kinds: Registry[DatasetKind] = Registry("kind of data set", "mycaffe_py.data.sets")


def register(cls: type[DatasetKind]) -> type[DatasetKind]:
    """Make a kind known under its name."""
    dataset_kinds.add(cls.name, cls())
    return cls


def all_kinds() -> list[DatasetKind]:
    """All kinds in the order of their places."""
    return sorted((dataset_kinds.get(name) for name in dataset_kinds), key=_place)


def _place(kind: DatasetKind) -> tuple[int, str]:
    return kind.place, kind.name
