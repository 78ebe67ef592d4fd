"""What may happen besides reading while a net's text is compiled.

A stranger's text is looked at before anybody trusts it, so only those who mean to run a net let it
run code or make data sets. Who compiles says so; nothing here is remembered from call to call.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import UserError


@dataclass(frozen=True)
class Opening:
    """What opening a text may do.

    `runs_code`: modules that the text names are imported and called; those of the folders `trusted`
    alone where these are given, and of installed packages. `makes_data`: a data set that is not
    there may be simulated or fetched. `heads`: of data only shapes and classes are read, so the net
    cannot run. `leaves_out`: layers that need code which may not run are left out of the net, with
    all that read what they make; otherwise they are an error. `opened`: the text or run card.
    """

    runs_code: bool = True
    trusted: tuple[Path, ...] | None = None
    makes_data: bool = True
    heads: bool = False
    leaves_out: bool = False
    opened: Path | None = None

    def folders(self, places: tuple[Path, ...]) -> tuple[Path, ...]:
        """Those of `places` (resolved) whose modules may be imported; () where no code may run."""
        if not self.runs_code:
            return ()
        if self.trusted is None:
            return places
        return tuple(place for place in places if covered(place, self.trusted))


# As Caffe does: training, timing and pycaffe run what a text names.
RUNNING = Opening()
# A snapshot or a model at work that others may have made.
MEASURING = Opening(runs_code=False, makes_data=False)
# A text whose net is written in another form.
TRANSLATING = Opening(runs_code=False, makes_data=False, heads=True)
# A text that is told of or checked.
LOOKING = Opening(runs_code=False, makes_data=False, heads=True, leaves_out=True)


class NeedsConsentError(UserError):
    """A text names code, and nobody has consented to running it."""


def covered(folder: Path, trusted: tuple[Path, ...]) -> bool:
    """Whether `folder` (resolved) is one of `trusted` or lies below one."""
    return any(folder.is_relative_to(one) for one in trusted)
