#!/bin/bash
# Ten designs in the time of one: a base trained on the digits 0-4 is run once over the digits 5-9,
# which it never saw; all heads are ranked on its features; the best one is refined with the base.
#
#   tests/end_to_end/design_iteration.sh [FOLDER]
#
# Leaves FOLDER/rank.json, FOLDER/rank.png and FOLDER/refined/. Works on MNIST where MYCAFFE_MNIST
# names a folder with its four files, else on the built-in digits28. Data sets stay in FOLDER.
set -euo pipefail

folder=${1:-design_iteration}
mkdir -p "$folder"
cd "$folder"
export MYCAFFE_DATA="$PWD/data"
jobs=${JOBS:-2}

if [ -n "${MYCAFFE_MNIST:-}" ]; then
    digits=MNIST
    iterations=2000
else
    digits=digits28
    iterations=600
fi
echo "== Base: LeNet on the digits 0-4 of $digits"
mycaffe dataset create subset "$digits" --labels 0,1,2,3,4 --name LOW --force
mycaffe dataset create subset "$digits" --labels 5,6,7,8,9 --name HIGH --force
mycaffe template copy lenet . --force
sed -i -e 's/MNIST\.training/LOW.training/' -e 's/MNIST\.testing/LOW.testing/' lenet.prototxt
mycaffe train --solver lenet.solver --seed 1 --iterations "$iterations" \
    --set solver.snapshot_prefix=base
base=base_iter_$iterations.caffemodel

echo "== Features of the digits 5-9, which the base never saw"
mycaffe features --model lenet.prototxt --weights "$base" --blob ip1 --source HIGH.training \
    --name HIGH_ip1 --batch 100 --force

echo "== Heads, ranked"
mycaffe rank absolute concatenation contrastive_2 contrastive_16 contrastive_64 cosine difference \
    margin mlp product triplet --features HIGH_ip1 --jobs "$jobs" --out .

echo "== The best head, refined with the base"
read -r head weights < <(python3 - <<'PYTHON'
import json

designs = json.load(open("rank.json"))["designs"]
wanted = ("name", "baseline", "accuracy_mean", "accuracy_sd", "auc", "eer", "recall_at_1")
assert all(key in row for row in designs for key in (*wanted, "parameters", "seconds"))
assert sum(not row["baseline"] for row in designs) >= 10, "ten heads were to be ranked"
best = next(row for row in designs if not row["baseline"])
for row in designs:
    assert not row["baseline"] or row["accuracy_mean"] < best["accuracy_mean"], (
        f"{row['name']} is as good as {best['name']}"
    )
print(best["name"], f"runs/{best['weights']}")
PYTHON
)
[ -n "$weights" ]
mycaffe refine --base lenet.prototxt --base-weights "$base" --blob ip1 --head "$head" \
    --head-weights "$weights" --source HIGH.training --out refined
