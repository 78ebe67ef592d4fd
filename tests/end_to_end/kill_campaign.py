"""kill -9 at random moments of every command that writes; then the same command to its end.

    python -m tests.end_to_end.kill_campaign --kills 100 --seed 1

Each time the end must be that of an uninterrupted command, byte by byte, and nothing unfinished may
be left. Files that hold times or processes are left out by name. A kill may come again while the
command goes on. Prints a line for each job, and ends with 1 where something was wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER

# Diaries tell processes and pace, sums of files tell their times.
_TIMED = (".events.jsonl", ".lock")
_TIMED_FOLDERS = (".checked", "numba")
_SECONDS = re.compile(rb'"seconds": [0-9.e+-]+')
_UNFINISHED = (".mycaffe-new", "-journal", ".new", ".part", "-wal")
_AGAIN = 0.3
_PATIENCE_S = 600
TRAIN = "train --solver small.solver --seed 1 --threads 1 --film 10 --iterations 60"
_KEPT = "snapshots/small_iter_60.caffemodel"
_FEATURES = f"features --snapshot {_KEPT} --blob feat --source digits28.training --name F"

_RANK = "rank cosine --features F --iterations 30 --seeds 1 --pairs 200 --out out"
_REFINE = (
    f"refine --base small.prototxt --base-weights {_KEPT} --blob feat --head cosine --head-weights "
    "out/runs/cosine-*.caffemodel --source digits28.training --frozen 10 --iterations 10 "
    "--threads 1 --out refined"
)

# By name: what is typed, and what is typed before in a folder of its own.
JOBS: Mapping[str, tuple[str, ...]] = {
    "train": (TRAIN,),
    "resume": (TRAIN, "resume --threads 1 --iterations 100"),
    "create images": ("dataset create images pictures --name I --gray --force",),
    "create csv": ("dataset create csv rows.csv --name C --label-column fault --window 9 --force",),
    "create telecom": ("dataset create telecom --name L --hours 1 --patterns normal,loss --force",),
    "create mnist": ("dataset create mnist --from idx --name M --no-check --force",),
    "create subset": ("dataset create subset digits28 --labels 0,1,2 --name S --force",),
    "import": (
        "dataset export digits28.testing lmdb store",
        "dataset create subset digits28 --labels 0,1,2 --name S",
        "dataset import lmdb store --name S --split validation",
    ),
    "export lmdb": ("dataset export digits28.testing lmdb store",),
    "export pictures": ("dataset export digits28.testing out",),
    "dataset mean": ("dataset mean digits28.training mean.binaryproto",),
    "template copy": ("template copy siamese_28x28 texts",),
    "export onnx": (TRAIN, f"export onnx --snapshot {_KEPT} --out net.onnx"),
    "export deploy": (TRAIN, f"export deploy --snapshot {_KEPT} --out net"),
    "features": (TRAIN, _FEATURES),
    "rank": (TRAIN, _FEATURES, _RANK),
    "refine": (TRAIN, _FEATURES, _RANK, _REFINE),
    "enroll": (TRAIN, f"enroll --snapshot {_KEPT} --label cross --force pictures/b/0.png"),
    "threshold": (TRAIN, f"threshold --snapshot {_KEPT} --threads 1"),
    "film": (TRAIN, "film --run snapshots/small --out film.gif"),
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Kills of one chain of a job, and what was wrong at its end."""

    kills: int
    wrong: tuple[str, ...]


def write_inputs(folder: Path) -> None:
    """Texts, pictures, rows and idx files that the jobs read."""
    (folder / "small.prototxt").write_text(SMALL_SIAMESE)
    tests = 'test_iter: 2 test_interval: 10 keep_best: "accuracy"'
    text = SMALL_SOLVER.replace("NAME", "small").replace("TESTS", tests)
    (folder / "small.solver").write_text(text.replace("snapshot: 150", "snapshot: 20"))
    draw = np.random.default_rng(1)
    for label in "ab":
        (folder / "pictures" / label).mkdir(parents=True)
        for number in range(20):
            pixels = draw.integers(0, 256, (28, 28)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / label / f"{number}.png")
    rows = [f"{s},{draw.normal():.6f},{draw.normal():.6f},{'ab'[s // 50 % 2]}" for s in range(400)]
    (folder / "rows.csv").write_text("\n".join(["time,one,two,fault", *rows]) + "\n")
    _write_idx(folder / "idx", draw)


def _write_idx(folder: Path, draw: np.random.Generator) -> None:
    folder.mkdir()
    for part, count in (("train", 300), ("t10k", 60)):
        images = draw.integers(0, 256, (count, 28, 28)).astype(np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        for kind, values in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
            (folder / f"{part}-{kind}-ubyte").write_bytes(head + values.tobytes())


def _expanded(folder: Path, command: str) -> list[str]:
    """The words of a command; one with a * is the first file of such a name."""
    return [
        str(next(folder.glob(word)).relative_to(folder)) if "*" in word else word
        for word in command.split()
    ]


def _start(folder: Path, command: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "mycaffe_py", *_expanded(folder, command)]
    quiet = subprocess.DEVNULL
    data = {"MYCAFFE_DATA": str(folder / "data"), "MYCAFFE_OFFLINE": "1"}
    return subprocess.Popen(
        words, cwd=folder, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE, env=os.environ | data
    )


def _to_the_end(folder: Path, command: str) -> str:
    """What was said where it failed."""
    process = _start(folder, command)
    err = process.communicate(timeout=_PATIENCE_S)[1]
    return "" if process.returncode == 0 else err.decode(errors="replace")[-500:]


def _must(folder: Path, command: str) -> None:
    failed = _to_the_end(folder, command)
    if failed:
        raise RuntimeError(f"{command}: {failed}")


def content(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its path, but those that hold times or are kept aside."""
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        timed = path.name.endswith(_TIMED) or set(parts) & set(_TIMED_FOLDERS)
        # What a run had drawn that was killed before its first state is kept aside.
        aside = any(part.endswith("_runs") for part in parts)
        if path.is_file() and not timed and not aside:
            held = path.read_bytes()
            # What rank found tells how long it took.
            found["/".join(parts)] = _SECONDS.sub(b"", held) if path.suffix == ".json" else held
    return found


class Job:
    """One job: the folder it starts in, and what there is at its end."""

    def __init__(self, name: str, base: Path) -> None:
        *before, self.command = JOBS[name]
        self.name = name
        self.base = base / name.replace(" ", "_")
        # The same folder each time: some files tell where they were written.
        self.folder = self.base / "run"
        self.start = self.base / "start"
        if not self.start.exists():
            self.folder.mkdir(parents=True)
            write_inputs(self.folder)
            for command in before:
                _must(self.folder, command)
            self.folder.rename(self.start)
        self._begin()
        began = time.monotonic()
        _must(self.folder, self.command)
        self.seconds = time.monotonic() - began
        self.wanted = content(self.folder)

    def _begin(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.start, self.folder)

    def chain(self, number: int, draw: random.Random) -> Outcome:
        """Kill once, sometimes again, then let it come to its end."""
        self._begin()
        folder = self.folder
        kills, command = 0, self.command
        while kills == 0 or draw.random() < _AGAIN:
            process = _start(folder, command)
            try:
                process.communicate(timeout=draw.uniform(0, self.seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
            else:
                break
            command = self._again(folder)
        # A command that came to its end before its kill is not given again.
        failed = _to_the_end(folder, self._again(folder)) if process.returncode else ""
        wrong = tuple(self._wrong(content(folder), failed))
        if wrong:
            shutil.copytree(folder, self.base / f"wrong_{number}")
        return Outcome(kills, wrong)

    def _again(self, folder: Path) -> str:
        """What a user types after a kill: a run with a snapshot goes on."""
        if self.name == "train" and any(folder.glob("snapshots/*.solverstate")):
            return "resume --threads 1"
        return self.command

    def _wrong(self, found: Mapping[str, bytes], failed: str) -> list[str]:
        names = sorted(self.wanted.keys() | found.keys())
        other = [name for name in names if self.wanted.get(name) != found.get(name)]
        # Who asks for what is there already may be refused, as long as it is all there.
        wrong = [f"{name} differs" for name in other] + ([failed] if failed and other else [])
        return wrong + [f"{name} is left" for name in found if name.endswith(_UNFINISHED)]


def campaign(kills: int, seed: int, names: list[str], folder: Path, side_by_side: int) -> int:
    """Make at least `kills` kills over the jobs called `names`; the number of chains gone wrong."""
    with ThreadPoolExecutor(side_by_side) as pool:
        jobs = list(pool.map(lambda name: Job(name, folder), names))
        each = -(-kills // len(jobs))

        def kill(job: Job) -> tuple[Job, list[Outcome]]:
            draw = random.Random(f"{seed} {job.name}")
            outcomes: list[Outcome] = []
            while sum(o.kills for o in outcomes) < each and len(outcomes) < 4 * each:
                outcomes.append(job.chain(len(outcomes), draw))
            return job, outcomes

        bad = total = 0
        for job, outcomes in pool.map(kill, jobs):
            done = sum(o.kills for o in outcomes)
            wrong = [line for o in outcomes for line in o.wrong]
            total, bad = total + done, bad + sum(bool(o.wrong) for o in outcomes)
            told = f"{job.name:16} {done:3} kills, {job.seconds:5.1f} s whole"
            print(told, *wrong, sep="\n  ", flush=True)
    print(f"seed {seed}: {total} kills over {len(jobs)} commands, {bad} ends that differ")
    return bad


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="side by side")
    parser.add_argument("--only", nargs="*", default=list(JOBS), metavar="NAME")
    parser.add_argument("--folder", type=Path, help="kept; without it a temporary one")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        return int(campaign(args.kills, args.seed, args.only, folder, args.jobs) > 0)


if __name__ == "__main__":
    sys.exit(main())
