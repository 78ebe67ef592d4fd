"""What a solver text asks for, in words."""

from __future__ import annotations

from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.solver.rates import learning_rate, steps_before
from mycaffe_py.solver.rules import rules


def solver_words(solver: SolverParameter) -> list[str]:
    """One line for each thing the solver will do, in the order in which it does them."""
    batches = f"{solver.iter_size} batches added up" if solver.iter_size > 1 else "one batch"
    lines = [f"for {solver.max_iter:,} iterations of {batches}"]
    if solver.shards > 1:
        lines.append(
            f"each batch in {solver.shards} shards, on any number of processes that divides it: "
            "mpiexec -n N mycaffe train ..."
        )
    lines.append(", ".join([f"by {solver.type}", *rules.get(solver.type).words(solver)]))
    lines.append(_rate_words(solver))
    if solver.weight_decay:
        kind = solver.regularization_type
        lines.append(f"with weight decay {solver.weight_decay:g} ({kind})")
    if solver.clip_gradients > 0:
        lines.append(f"gradients longer than {solver.clip_gradients:g} together are shortened")
    if solver.display:
        lines.append(f"a line every {solver.display:,} iterations")
    if solver.test_interval and solver.test_iter:
        counts = ", ".join(f"{count:,}" for count in solver.test_iter)
        first = ", the first before learning" if solver.test_initialization else ""
        lines.append(f"a test of {counts} batches every {solver.test_interval:,} iterations{first}")
    prefix = f"{solver.snapshot_prefix}_iter_<n>.caffemodel"
    if solver.snapshot:
        lines.append(f"a snapshot every {solver.snapshot:,} iterations: {prefix}")
    if solver.snapshot_after_train:
        lines.append(f"a snapshot at the end: {prefix}")
    return lines


def _rate_words(solver: SolverParameter) -> str:
    """The learning rate at the start, after the warm-up, half way and at the end."""
    wanted = {0, solver.max_iter // 2, max(0, solver.max_iter - 1)}
    if 0 < solver.warmup_iter < solver.max_iter:
        wanted.add(solver.warmup_iter)
    rates = {i: learning_rate(solver, i, steps_before(solver, i))[0] for i in sorted(wanted)}
    told = ", ".join(f"{rate:.3g} at {iteration:,}" for iteration, rate in rates.items())
    rises = f", after {solver.warmup_iter:,} of warm-up" if solver.warmup_iter else ""
    return f"learning rate {told} (lr_policy {solver.lr_policy}{rises})"
