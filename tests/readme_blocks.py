"""What tests/test_readme.py does with each block of README.md, CONTRIBUTING.md and docs/*.md.

A block is known by its first line. It is run with the files that its reader would have, which
tests/readme_files.py makes, and with the substitutions that make it short; or it stands in a table
of those that are not run, with the reason. A block that is in neither table fails a test. Both
tables stand at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.readme_caffe_files import (
    colour_finder,
    exported_from_mycaffe,
    job_of_digits,
    namer,
    sets_of_digits,
)
from tests.readme_files import (
    ITERATIONS,
    Shell,
    detector,
    features_of_digits,
    longer,
    new_pictures,
    nothing,
    old_files,
    oneshot,
    own_data,
    page,
    pets,
    script,
    trained,
    trained_and_nine,
)

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Written:
    """A block as it stands in a text: its language and its lines."""

    language: str
    text: str

    @property
    def first(self) -> str:
        """The first line, by which the tables name a block."""
        return self.text.split("\n", 1)[0]


@dataclass(frozen=True)
class Run:
    """How a block is run.

    ready makes the files that the reader would have. instead replaces text of the block before it
    is run; each must occur, so that a substitution that is no longer needed is found.
    """

    ready: Callable[[Path, Shell], None]
    instead: dict[str, str] = field(default_factory=dict)

    def short(self, text: str) -> str:
        """The block with its substitutions."""
        for old, new in self.instead.items():
            assert old in text, f"the block has no {old!r} any more"
            text = text.replace(old, new)
        return text


def blocks(text: str) -> list[Written]:
    """All blocks between fences, in their order."""
    return [Written(found["language"], found["text"]) for found in FENCE.finditer(text)]


# Of many heads one, for a moment.
SHORT_RANK = "contrastive_2 --seeds 1 --iterations 20 --pairs 500 --no-baselines"

RUN = {
    "mycaffe test-many": Run(trained),
    "mycaffe test nine.png": Run(trained_and_nine),
    "mycaffe template copy siamese_28x28     # both texts, into this folder": Run(
        nothing, longer("--set solver.base_lr=0.02", "--patience 5")
    ),
    "mycaffe explain model train_val.prototxt                # layers, shapes, where the gradient "
    "stops": Run(
        old_files,
        {
            **longer("--weights bvlc_alexnet.caffemodel"),
            "--iterations 100": "--iterations 2",
        },
    ),
    "mycaffe explain model deploy.prototxt": Run(namer),
    "python -m mycaffe_py.pycaffe classify.py cat.jpg out": Run(script),
    '# In place of "import caffe"': Run(namer),
    "# A model job of DIGITS": Run(job_of_digits),
    "mycaffe dataset import lmdb train_db --name PETS --names labels.txt": Run(
        sets_of_digits, longer("--weights snapshot_iter_30.caffemodel")
    ),
    "mycaffe test --model siamese_model_desc.prototxt --weights siamese_weights.mycaffemodel": Run(
        exported_from_mycaffe,
        {
            "test --model": "test --iterations 2 --model",
            "train --solver": f"train {ITERATIONS} --solver",
        },
    ),
    "mycaffe detect street.jpg --model ssd.prototxt --weights ssd.caffemodel --mean 104,117,123": (
        Run(detector, {"*.jpg": "street.jpg"})
    ),
    "mycaffe export onnx                 # pictures in; names, distances and the encoding out": (
        Run(trained)
    ),
    "mycaffe index create PICTURES --name pets   # by the newest snapshot; the label is the "
    "folder": Run(pets),
    "mycaffe dataset create images pictures --name PETS --size 64x64 --fit stretch --test-percent "
    "20": Run(new_pictures, longer("siamese_PETS.solver")),
    "mycaffe retrieval --sheet worst.png": Run(trained),
    "mycaffe spot three.png page.png --out boxed.png": Run(page),
    "mycaffe threshold                                  # beyond which distance is it unknown?": (
        Run(trained)
    ),
    "mycaffe train --solver siamese_lstm_telecom.solver --film --seed 1      # 9 s": Run(
        nothing, {"--film --seed 1": f"--film --seed 1 {ITERATIONS}"}
    ),
    "mycaffe dataset create telecom --name known --patterns normal,blocked,capacity,loss,flapping,"
    "cpu,storm,cells,loop": Run(
        nothing, {"oneshot.solver --seed 1": f"oneshot.solver {ITERATIONS}"}
    ),
    'mycaffe dataset export telecom10.testing csv evening.csv --series "normal:20,slow server:8,'
    'normal:10"': Run(oneshot),
    "mycaffe dataset create mnist --from FOLDER": Run(
        own_data,
        # These four files are not MNIST's own.
        {"create mnist --from FOLDER": "create mnist --from IDX --no-check --name DIGITS"},
    ),
    "mycaffe dataset create subset MNIST --labels 0,1,2,3,4 --name LOW": Run(
        nothing,
        {
            "subset MNIST": "subset digits28",
            "2000": "20",
            "rank absolute concatenation contrastive_2 contrastive_16 contrastive_64 cosine "
            "difference": "rank",
            "margin mlp product triplet": SHORT_RANK,
            "--jobs 2": "",
        },
    ),
    "mycaffe template copy heads/cosine     # a text with comments, to change": Run(
        features_of_digits, {"margin": SHORT_RANK}
    ),
    "mycaffe explain model siamese_28x28          # all of the above, for any text": Run(
        nothing, {"time --solver": "time --iterations 2 --solver"}
    ),
    "mycaffe explain layer ContrastiveLoss   # formula, shapes, options with their defaults": Run(
        nothing
    ),
}
# Programs of OpenCV's and the same here: both run, and must print the same.
PAIRS = [
    ("# With OpenCV 4", "# With MyCaffe-Py", Run(namer)),
    (
        "# A detector with OpenCV 4",
        "# A detector with MyCaffe-Py",
        Run(colour_finder, {"(300, 300)": "(60, 40)"}),
    ),
]
SETS_UP = "it installs into a fresh clone: .ci/run takes it out of the README and runs it as it is"
INSTALLS = "it installs from the network"
TESTS = "it runs the tests, of which this table is a part"
PRINTED = "it is what a whole training prints, with the times of one machine"
NOT_RUN = {
    "python3 -m venv .venv && .venv/bin/pip install '.[plot]' && .venv/bin/mycaffe train --solver "
    "siamese_28x28.solver": SETS_UP,
    "python3 -m venv .venv && .venv/bin/pip install '.[dev]' && .venv/bin/pytest -q": SETS_UP,
    "tests/end_to_end/design_iteration.sh FOLDER     # MYCAFFE_MNIST=... for MNIST": (
        "it computes for more than a minute and cannot be cut short, as trained heads must beat "
        "the baselines in it; tests/cli/test_rank.py and test_refine.py run its commands"
    ),
    "Solving SiameseNet": PRINTED,
    "snapshots/siamese_28x28_iter_8000.caffemodel": PRINTED,
    "poster.png (640x480): 2 objects": PRINTED,
    "mycaffe docs": "it opens a browser; tests/cli/test_docs.py runs it",
    "^C": PRINTED,
    "  build: 24 layers, 25 blobs": "a test of its own compares it with what the command prints",
    "page.png (500x500): found in 3 places; the next lies at 2.46015": PRINTED,
    "pip install '.[mpi]' mpich     # or an mpiexec that is there": "it installs; tests/parallel "
    "starts mpiexec and compares the files",
    'eval "$(register-python-argcomplete mycaffe)"': "it is for a shell in which people type; "
    "tests/cli/test_completion.py asks as the shell does",
    "pip install '.[studio]'": "it installs, and serves until Ctrl-C; tests/studio runs it",
    "python -m compiled.build --out dist   # on Linux, with AVX-512; all tests' packages are "
    "needed": (
        "it compiles for many minutes; tests/kernels/test_shipped.py makes a set of one kernel"
    ),
    "new.png, resized from 60x84 to 32x32": PRINTED,
    "nine.png: 9 (dark on light, so inverted, brought from 200x200 to 28x28)": PRINTED,
    "98.96 % of 1,440 items of telecom.testing recognised, 15 wrong (100,417 images/s)": PRINTED,
    "HIGH_ip1.training, judged by images set aside: 10,000 pairs, 500 queries": PRINTED,
    "margin on lenet.prototxt: 10,000 pairs and 500 queries of HIGH.training": PRINTED,
    "mycaffe: error: siamese_28x28.prototxt:78: unknown layer type 'Convlution'. Did you mean "
    "'Convolution'?": "a test of its own makes this mistake and compares the line",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'": INSTALLS,
    'python3 -m venv gen && gen/bin/pip install grpcio-tools==1.62.3 "setuptools<80"': INSTALLS,
    "SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) python -m build": (
        "tests/release builds from a copy of the sources, and checks both files"
    ),
    'pytest -q -m "not slow"': TESTS,
    "14  __main__                             python -m mycaffe_py": "tests/test_contributing.py "
    "compares it with the floors that are checked",
    "step(n, rows) = max over n of (fixed + each * rows) * noise + exchange(n) + update / n": (
        "it is a formula; tests/benchmarks/scaling_model.py computes it"
    ),
    "mycaffe dataset create glyphs": "it needs fonts of many scripts, and draws for minutes; "
    "tests/cli/test_dataset_glyphs.py runs both commands on small folders",
    "MYCAFFE_PICTURES=pictures pytest -n 0 tests/studio/test_pictures.py": TESTS,
}
