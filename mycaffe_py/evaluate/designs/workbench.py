"""One run of a comparison: a design, a seed, the marks; and the file that keeps them."""

from __future__ import annotations

import hashlib
import json
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mycaffe_py import __version__
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.baselines import make_baseline
from mycaffe_py.evaluate.designs.head import Head, read_head
from mycaffe_py.evaluate.designs.judging import Score, judge, learned_accuracy, set_exam
from mycaffe_py.evaluate.designs.pairs import Experiments, draw
from mycaffe_py.evaluate.designs.parts import split
from mycaffe_py.evaluate.designs.training import train_head
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import load_json, read_bounded
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.files.schema import Count, DamagedError, fit
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.model_text import read_solver_file
from mycaffe_py.proto.override import set_field
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import write_text
from mycaffe_py.solver.check_fields import check_numbers

# Raised when runs of before mean something else.
FORMAT = 1
Setting = tuple[tuple[str, str], ...]
Result = dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """What all runs have in common. `source` is a split of a table, `split_by` "item" or "class",
    `pairs` the number to learn from, `solver` the name of a solver text, `iterations` its max_iter
    (None: as it says), `folder` where results go."""

    source: str
    split_by: str
    unseen: tuple[int, ...]
    pairs: int
    solver: str
    iterations: int | None
    folder: Path


@dataclass(frozen=True)
class DesignRun:
    """One design under one setting (solver fields and values) with one seed. `head` is the file of
    its text, "" for a baseline."""

    name: str
    head: str
    setting: Setting
    seed: int


class Workbench:
    """The table, its parts and the exam, for one run after the other."""

    def __init__(self, comparison: Comparison) -> None:
        """Open the table and set the exam.

        Errors: no such table, too few images, numbers of the solver text that cannot be.
        """
        self.comparison = comparison
        self.source = open_source(comparison.source)
        self.features = self.source.images.reshape(len(self.source), -1)
        self.parts = split(self.source, comparison.split_by, comparison.unseen)
        self.exam = set_exam(self.source.labels, self.parts)
        self._read = read_solver_file(find_text(comparison.solver, "solver"))
        self.solver(())

    def solver(self, setting: Setting) -> pb.SolverParameter:
        """The solver text with `setting` worked in. Errors: an unknown field, a wrong number."""
        solver = pb.SolverParameter()
        solver.CopyFrom(self._read.message)
        if self.comparison.iterations is not None:
            solver.max_iter = self.comparison.iterations
        for field, value in setting:
            set_field(solver, field, value, option="--sweep solver.")
        check_numbers(solver, self._read.locations)
        if solver.max_iter < 1 or solver.test_interval < 1:
            raise UserError(
                f"max_iter {solver.max_iter}, test_interval {solver.test_interval}",
                where=self._read.locations.at(),
                wanted="heads train for an iteration or more, and are tried every test_interval",
            )
        return solver

    def file(self, run: DesignRun) -> Path:
        """Where the result of `run` is kept: the name changes with all that decides it."""
        text = write_text(read_head(run.head).text.net) if run.head else run.name
        comparison = asdict(self.comparison)
        facts = {name: comparison[name] for name in ("split_by", "unseen", "pairs")}
        facts |= {"format": FORMAT, "version": __version__, "text": text, "seed": run.seed}
        facts |= {"solver": write_text(self.solver(run.setting)), "data": self.source.checksum}
        key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
        words = [run.name.replace(" ", "_"), *(value for _, value in run.setting)]
        return self.comparison.folder / "runs" / f"{'-'.join(words)}-seed{run.seed}-{key}.json"

    def run(self, run: DesignRun) -> Result:
        """Do `run` and keep its result: weights first, so that a result always has them."""
        file = self.file(run)
        learn = draw(
            self.source.labels, self.parts.learn, self.comparison.pairs // 2, run.seed, "learn"
        )
        began = time.perf_counter()
        result: Result = {
            "name": run.name,
            "baseline": not run.head,
            "setting": dict(run.setting),
            "seed": run.seed,
            "failed": "",
            "tune_auc": math.nan,
        }
        if run.head:
            result |= self._train(read_head(run.head), run, learn, file.with_suffix(".caffemodel"))
        else:
            baseline = make_baseline(run.name, self.features, learn, self.exam)
            result["seconds"] = time.perf_counter() - began
            result["parameters"] = baseline.parameters
            result |= self._marks(baseline.score, learn)
        text = dumps(result, indent=1)
        write_atomically(file, f"{text}\n".encode())
        # As it will be read: what is no number is None.
        kept: Result = json.loads(text)
        return kept

    def _train(self, head: Head, run: DesignRun, learn: Any, weights: Path) -> Result:
        began = time.perf_counter()
        trained = train_head(
            head, self.features, learn, self.exam, self.solver(run.setting),
            self._read.locations, run.seed,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        params = trained.solver.params.infos
        found: Result = {
            "seconds": seconds,
            "parameters": sum(info.count for info in params if info.learned),
            "failed": trained.failed,
            "tune_auc": trained.tune_auc,
            "iterations": trained.iterations,
            "best_iteration": trained.best,
        }
        if trained.failed:
            return found
        trained.save(weights)
        return found | {"weights": weights.name} | self._marks(trained.score, learn)

    def _marks(self, score: Score, learn: Experiments) -> Result:
        marks = judge(score, self.exam)
        return asdict(marks) | {"learned": learned_accuracy(score, marks.threshold, learn)}


def read_result(file: Path) -> Result | None:
    """The result kept in `file`; None where there is none, or a damaged one, which is told."""
    try:
        found: Result = load_json(read_bounded(file))
        if not fit(found, _Kept).failed:
            fit(found, _KeptMarks)
    except FileNotFoundError:
        return None
    except (OSError, DamagedError) as error:
        print(f"{file} cannot be used ({error}) and is made again", file=sys.stderr, flush=True)
        return None
    return found


@dataclass(frozen=True)
class _Kept:
    """The file of a run, field by field."""

    name: str
    baseline: bool
    setting: Mapping[str, str]
    seed: int
    failed: str
    tune_auc: float | None
    seconds: float
    parameters: Count
    weights: str = ""


@dataclass(frozen=True)
class _KeptMarks:
    """The fields of a run that did not fail; null stands for NaN."""

    accuracy: float | None
    auc: float | None
    eer: float | None
    recall_at_1: float | None
    pairs: Count
    queries: Count
    # Runs of before were not asked.
    learned: float | None = None
