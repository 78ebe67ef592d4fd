"""From a solver text to the job it describes: the solver and the texts of its nets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.errors import UserError, Where
from mycaffe_py.graph.net_text import NetText, net_text, text_card
from mycaffe_py.graph.select import State
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.model_text import override_net, read_solver
from mycaffe_py.proto.templates import find_text, is_template
from mycaffe_py.proto.text import write_text
from mycaffe_py.snapshot.run_card import RunCard, TextCard
from mycaffe_py.solver.check_fields import check_numbers

Open = Callable[[str, Where], TextCard]
Edit = Callable[[pb.NetParameter, Locations], Locations]


@dataclass(frozen=True)
class Job:
    """Everything a run is made of, except its seed and its files.

    `nets` are the net texts by the names the solver text uses, `notes` tell what was upgraded.
    """

    solver: pb.SolverParameter
    where: Locations
    card: TextCard
    train: NetText
    tests: tuple[NetText, ...]
    nets: Mapping[str, TextCard]
    notes: tuple[str, ...] = ()


def read_job(
    name: str,
    overrides: Sequence[str] = (),
    train_state: pb.NetState | None = None,
    edit: Edit | None = None,
) -> Job:
    """The job of the solver text called `name`: a file, or a template that comes with mycaffe.

    `overrides` are assignments such as "solver.base_lr=0.02" or
    "net.layer.conv1.convolution_param.num_output=30", worked in after the texts are read, as is
    `train_state`: level and stages of the TRAIN net beside those of the text. `edit` then changes
    each of the nets, in place, and gives the places of its fields.
    """
    return job_of_text(text_card(find_text(name, "solver")), overrides, train_state, edit)


def job_of_text(
    card: TextCard,
    overrides: Sequence[str] = (),
    train_state: pb.NetState | None = None,
    edit: Edit | None = None,
) -> Job:
    """The same of a solver text that need not be saved; its nets are looked for beside its file."""
    path = Path(card.file)

    def from_disk(net: str, where: Where) -> TextCard:
        found = find_text(net, "model", path, where)
        if is_template(found) and not is_template(path):
            reader.notes.append(
                f"{where}: there is no '{net}' here, so the template is used: {found}"
            )
        return text_card(found)

    reader = _Reader(from_disk, overrides, train_state, edit)
    return reader.job(card)


def job_of_card(card: RunCard, overrides: Sequence[str] = ()) -> Job:
    """The job that a run card describes; the files of its texts are not read again."""

    def from_card(net: str, where: Where) -> TextCard:
        if net not in card.nets:
            raise UserError(f"the run card holds no text of net '{net}'", where=where)
        return card.nets[net]

    return _Reader(from_card, overrides).job(card.solver)


def _split_overrides(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """The overrides of the solver and those of the net, without that first word."""
    solver: list[str] = []
    net: list[str] = []
    for override in overrides:
        kind, dot, rest = override.partition(".")
        if kind not in ("solver", "net") or not dot or "=" not in rest:
            raise UserError(
                f"--set {override}",
                wanted="an assignment to a field of one of the texts is wanted",
                do="For example solver.base_lr=0.02 or "
                "net.layer.conv1.convolution_param.num_output=30.",
            )
        (solver if kind == "solver" else net).append(rest)
    return solver, net


class _Reader:
    """Reads the texts of one job."""

    def __init__(
        self,
        open_net: Open,
        overrides: Sequence[str],
        train_state: pb.NetState | None = None,
        edit: Edit | None = None,
    ) -> None:
        self.open_net = open_net
        self.train_state = train_state
        self.edit = edit
        self.for_solver, self.for_nets = _split_overrides(overrides)
        self.notes: list[str] = []
        self.nets: dict[str, NetText] = {}
        # The places of the fields of nets inside the solver text, by where these are.
        self.inline: dict[tuple[str | int, ...], Locations] = {}

    @property
    def _changes(self) -> bool:
        """Whether the nets are others than those of the texts."""
        return bool(self.for_nets) or self.edit is not None

    def job(self, card: TextCard) -> Job:
        """The job of a solver text."""
        upgraded = read_solver(card.text, card.file, layer_types, self.for_solver)
        solver, where = upgraded.message, upgraded.locations
        self.notes += upgraded.notes
        if self.train_state is not None:
            solver.train_state.MergeFrom(self.train_state)
        check_numbers(solver, where)
        train = self._train(solver, where, card)
        tests = self._tests(solver, where, card)
        if self.for_solver or self.train_state is not None or (self._changes and _inline(solver)):
            card = replace(card, text=write_text(solver))
        nets = {name: text.card for name, text in self.nets.items()}
        return Job(solver, where, card, train, tests, nets, tuple(self.notes))

    def _train(self, solver: pb.SolverParameter, where: Locations, card: TextCard) -> NetText:
        given = [
            name
            for name in ("net", "net_param", "train_net", "train_net_param")
            if solver.HasField(name)
        ]
        if len(given) != 1:
            raise UserError(
                f"{' and '.join(given)} are both given" if given else "no net is named",
                where=where.at(given[-1]) if given else where.at(),
                wanted="a solver text names the net it trains once",
                do='Write net: "FILE.prototxt".',
            )
        text = self._given(solver, where, card, given[0])
        return text.in_state(pb.TRAIN, solver.train_state)

    def _tests(
        self, solver: pb.SolverParameter, where: Locations, card: TextCard
    ) -> tuple[NetText, ...]:
        """test_net_param, then test_net, then the generic net for what test_iter has left."""
        texts = [
            self._inline(solver.test_net_param[i], where, ("test_net_param", i), card)
            for i in range(len(solver.test_net_param))
        ]
        texts += [
            self._named(name, where.at("test_net", i)) for i, name in enumerate(solver.test_net)
        ]
        generic = next((n for n in ("net", "net_param") if solver.HasField(n)), None)
        left = len(solver.test_iter) - len(texts)
        if left < 0 or (left > 0 and generic is None):
            raise UserError(
                f"{len(solver.test_iter)} test_iter entries for {len(texts)} test nets",
                where=where.at("test_iter", 0),
                wanted="each test net needs to know its number of batches",
            )
        if generic is not None:
            texts += [self._given(solver, where, card, generic)] * left
        states = list(solver.test_state)
        if states and len(states) != len(texts):
            raise UserError(
                f"{len(states)} test_state entries for {len(texts)} test nets",
                where=where.at("test_state", 0),
                wanted="none, or one for each test net",
            )
        return tuple(text.in_state(pb.TEST, *states[i : i + 1]) for i, text in enumerate(texts))

    def _given(
        self, solver: pb.SolverParameter, where: Locations, card: TextCard, name: str
    ) -> NetText:
        value = getattr(solver, name)
        if isinstance(value, str):
            return self._named(value, where.at(name))
        return self._inline(value, where, (name,), card)

    def _named(self, name: str, where: Where) -> NetText:
        if name not in self.nets:
            text = net_text(self.open_net(name, where), self.for_nets)
            self.notes += text.notes
            if self._changes:
                text = replace(text, where=self._edited(text.net, text.where))
                text = replace(text, card=replace(text.card, text=write_text(text.net)))
            self.nets[name] = text
        return self.nets[name]

    def _inline(
        self, net: pb.NetParameter, solver: Locations, path: tuple[str | int, ...], card: TextCard
    ) -> NetText:
        """The net at `path` in the solver text; it is changed in there, so the run card tells all.

        One that is both for TRAIN and for TEST is changed once.
        """
        if path not in self.inline:
            override_net(net, self.for_nets)
            self.inline[path] = self._edited(net, solver.under(*path))
        return NetText(net, self.inline[path], State(), TextCard(card.file, write_text(net)))

    def _edited(self, net: pb.NetParameter, where: Locations) -> Locations:
        return where if self.edit is None else self.edit(net, where)


def _inline(solver: pb.SolverParameter) -> bool:
    return any(
        (solver.HasField("net_param"), solver.HasField("train_net_param"), solver.test_net_param)
    )
