"""How far the two faults that are hardly caught lie from the known patterns: the labels are told.

    python -m tests.benchmarks.open_set_telecom_bound [--faults pauses throttled]

Logistic regression on whitened window statistics learns a fault of open_set_telecom_faults.py from
its training windows against those of all ten known patterns. That is no way to find unknown faults:
it says what the windows themselves show to one who has seen the fault. Data seed 1; the threshold
is the one for 1 % false alarms on validation windows of the known patterns, as in
open_set_telecom.py.
"""

from __future__ import annotations

import argparse

import numpy as np

from mycaffe_py.evaluate.threshold.roc import roc, threshold_for
from tests.benchmarks import one_shot_telecom_baselines as baselines
from tests.benchmarks.one_shot_telecom_task import FALSE_ALARMS, Task
from tests.benchmarks.open_set_telecom import Far, kinds
from tests.benchmarks.open_set_telecom_faults import FAULTS

_SEED = 1


def seen(task: Task, windows: np.ndarray) -> Far:
    """How sure one is that a window is of the fault of which one has seen `windows`."""
    from sklearn.linear_model import LogisticRegression

    known, labels = task.of("training", task.known)
    whiten = baselines.encoder(baselines.statistics, known[:, 0], labels, whiten=True)
    both = np.concatenate([known, windows])[:, 0]
    encode = baselines.standardised(whiten, both)
    model = LogisticRegression(class_weight="balanced", max_iter=500)
    model.fit(encode(both), np.arange(len(both)) >= len(known))
    return lambda images: model.decision_function(encode(images[:, 0]))


def main() -> None:
    """Print a row for each fault."""
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--faults", nargs="+", choices=names, default=["pauses", "throttled"])
    asked = parser.parse_args().faults
    task, testing, of = kinds(_SEED)
    _, training, of_training = kinds(_SEED, "training")
    print("| fault | n known / fault | caught, % | alarms, % | AUROC |\n|---|---|---|---|---|")
    for name in asked:
        place = names.index(name)
        far = seen(task, training[of_training == place])
        limit = threshold_for(far(task.of("validation", task.known)[0]), FALSE_ALARMS)
        near, strange = far(task.of("testing", task.known)[0]), far(testing[of == place])
        caught, alarms = 100 * (strange > limit).mean(), 100 * (near > limit).mean()
        n = f"{len(near):,} / {len(strange):,}"
        print(f"| {name} | {n} | {caught:.1f} | {alarms:.2f} | {roc(near, strange).auc:.4f} |")


if __name__ == "__main__":
    main()
