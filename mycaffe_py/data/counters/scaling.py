"""Names and scaling of counters, which a later window needs to be read in the same way."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.csv_form import CsvForm
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.schema import DamagedError, Positive

Values = NDArray[np.float64]

# A spread below this share of the mean is rounding, not traffic.
_LEAST_SPREAD = 1e-9
# Distance of 1 to the next float32.
_FLOAT32 = float(np.finfo(np.float32).eps)
# Windows looked at together.
_WINDOWS = 1024


@dataclass(frozen=True)
class Counters:
    """The F counters of a data set's windows, and how they become a net's input.

    A value x becomes z = (sign(x) ln(1 + |x|) - mean) / deviation, with mean and deviation over all
    time steps of the training windows: the logarithm keeps one burst from setting the scale, and
    two links of different size lie a shift apart. A constant counter has deviation 1.
    `steps` is T, a time step lasts `step_s` seconds, times stand in column `time_column`. How
    numbers and times are written in the files: `thousands`, `decimal`, `time_format` (csv_form.py).
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    steps: Positive
    step_s: float
    time_column: str
    thousands: str = ""
    decimal: str = "."
    time_format: str = ""

    @property
    def form(self) -> CsvForm:
        """How numbers and times are written."""
        return CsvForm(self.thousands, self.decimal, self.time_format)

    def written_as(self, form: CsvForm) -> Counters:
        """The same counters in files of another form."""
        return dataclasses.replace(self, **dataclasses.asdict(form))

    def scaled(self, values: Values) -> NDArray[np.float32]:
        """Images (n, 1, T, F) of windows (n, T, F) in the units of the counters."""
        z = (_compressed(values) - np.array(self.means)) / np.array(self.deviations)
        return np.ascontiguousarray(z[:, np.newaxis], dtype=np.float32)

    def unscaled(self, images: NDArray[np.float32]) -> Values:
        """Windows (n, T, F) of images (n, 1, T, F), rounded to what float32 can tell apart.

        With f = ln(1 + |x|) = |z deviation + mean|, dx = (1 + |x|) df, and z is off by half a
        unit in the last place at most.
        """
        z = images[:, 0].astype(np.float64)
        deviations = np.array(self.deviations)
        compressed = z * deviations + np.array(self.means)
        values = np.sign(compressed) * np.expm1(np.abs(compressed))
        off = (1 + np.abs(values)) * deviations * np.maximum(np.abs(z), 1) * _FLOAT32
        places = 10 ** np.floor(-np.log10(2 * off))
        rounded: Values = np.round(values * places) / places + 0.0  # no -0
        return rounded

    def to_json(self) -> str:
        """One line that `from_json` reads; every number comes back with the same bits."""
        fields = dataclasses.asdict(self)
        plain = dataclasses.asdict(CsvForm())
        # What is as usual is not written, so that older versions read it too.
        return json.dumps({k: v for k, v in fields.items() if k not in plain or v != plain[k]})

    @staticmethod
    def from_json(text: str) -> Counters:
        """The counters of a line `to_json` wrote. Errors: any other text."""
        try:
            made = parse_json(text, Counters, exact=True)
            sizes = {len(f) for f in (made.names, made.units, made.means, made.deviations)}
            if len(sizes) > 1 or 0 in made.deviations:
                raise DamagedError("it has not one scaling for each counter")
            made.form  # noqa: B018
        except (DamagedError, UserError) as error:
            raise MyCaffeError(f"the stored scaling of counters is damaged: {error}") from error
        return made


def fitted(
    values: Values,
    names: tuple[str, ...],
    units: tuple[str, ...],
    step_s: float,
    time_column: str,
) -> Counters:
    """Counters with the scaling of training windows (n, T, F)."""
    count = values.shape[0] * values.shape[1]
    means = _sum_of(values, lambda rows: rows) / count
    spread = np.sqrt(_sum_of(values, lambda rows: (rows - means) ** 2) / count)
    constant = spread <= _LEAST_SPREAD * np.maximum(np.abs(means), 1)
    # Without the rounding of a sum, so that it becomes 0.
    means = np.where(constant, _compressed(values[0, 0]), means)
    return Counters(
        names=names,
        units=units,
        means=tuple(means.tolist()),
        deviations=tuple(np.where(constant, 1.0, spread).tolist()),
        steps=values.shape[1],
        step_s=step_s,
        time_column=time_column,
    )


def _sum_of(values: Values, each: Callable[[Values], Values]) -> Values:
    """(F,): the sum of what `each` makes of rows (m, F) over all of (n, T, F), row by row."""
    total = np.zeros((0, values.shape[2]))
    for start in range(0, len(values), _WINDOWS):
        rows = _compressed(values[start : start + _WINDOWS]).reshape(-1, values.shape[2])
        # In their order behind what there is: the sum does not depend on the size of a block.
        total = np.concatenate([total, each(rows)]).sum(axis=0, keepdims=True)
    found: Values = total[0]
    return found


def _compressed(values: Values) -> Values:
    return np.sign(values) * np.log1p(np.abs(values))
