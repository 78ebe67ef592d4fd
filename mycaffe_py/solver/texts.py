"""Floor 6. From a solver text to the job it describes: the solver and the texts of its nets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.errors import UserError, Where
from mycaffe_py.graph.read import read_net
from mycaffe_py.graph.select import State
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.finite import check_finite
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.override import set_field
from mycaffe_py.proto.templates import find_text, is_template
from mycaffe_py.proto.text import decode, read_text, write_text
from mycaffe_py.proto.upgrade import upgrade_parsed_solver
from mycaffe_py.snapshot.run_card import RunCard, TextCard
from mycaffe_py.solver.numbers import check_numbers

Open = Callable[[str, Where], TextCard]


@dataclass(frozen=True)
class NetText:
    """A net as it will be compiled: upgraded, overrides worked in."""

    net: pb.NetParameter
    where: Locations
    state: State
    card: TextCard


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
    name: str, overrides: Sequence[str] = (), train_state: pb.NetState | None = None
) -> Job:
    """The job of the solver text called `name`: a file, or a template that comes with mycaffe.

    `overrides` are assignments such as "solver.base_lr=0.02" or
    "net.layer.conv1.convolution_param.num_output=30", worked in after the texts are read, as is
    `train_state`: level and stages of the TRAIN net beside those of the text.
    """
    path = find_text(name, "solver")

    def from_disk(net: str, where: Where) -> TextCard:
        found = find_text(net, "model", path, where)
        if is_template(found) and not is_template(path):
            reader.notes.append(
                f"{where}: there is no '{net}' here, so the template is used: {found}"
            )
        return _read_card(found)

    reader = _Reader(from_disk, overrides, train_state)
    return reader.job(_read_card(path))


def job_of_card(card: RunCard, overrides: Sequence[str] = ()) -> Job:
    """The job that a run card describes; the files its texts came from are not looked at."""

    def from_card(net: str, where: Where) -> TextCard:
        if net not in card.nets:
            raise UserError(f"the run card holds no text of net '{net}'", where=where)
        return card.nets[net]

    return _Reader(from_card, overrides).job(card.solver)


def _read_card(path: Path) -> TextCard:
    return TextCard(str(path), decode(path.read_bytes(), str(path)))


def _split_overrides(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of the solver and those of the net, without that first word."""
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
        self, open_net: Open, overrides: Sequence[str], train_state: pb.NetState | None = None
    ) -> None:
        self.open_net = open_net
        self.train_state = train_state
        self.for_solver, self.for_nets = _split_overrides(overrides)
        self.notes: list[str] = []
        self.nets: dict[str, tuple[pb.NetParameter, Locations, TextCard]] = {}

    def job(self, card: TextCard) -> Job:
        """The job of a solver text."""
        upgraded = upgrade_parsed_solver(
            read_text(card.text, pb.SolverParameter, card.file, layer_types)
        )
        solver, where = upgraded.message, upgraded.locations
        self.notes += upgraded.notes
        for override in self.for_solver:
            set_field(solver, override, option="--set solver.")
        if self.train_state is not None:
            solver.train_state.MergeFrom(self.train_state)
        check_numbers(solver, where)
        train = self._train(solver, where, card)
        tests = self._tests(solver, where, card)
        if self.for_solver or self.train_state is not None or (self.for_nets and _inline(solver)):
            card = replace(card, text=write_text(solver))
        nets = {name: found[2] for name, found in self.nets.items()}
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
        return replace(text, state=_state(pb.TRAIN, text.net, [solver.train_state]))

    def _tests(
        self, solver: pb.SolverParameter, where: Locations, card: TextCard
    ) -> tuple[NetText, ...]:
        """test_net_param, then test_net, then the generic net for what test_iter has left."""
        texts = [
            self._inline(solver.test_net_param[i], where.under("test_net_param", i), card)
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
        return tuple(
            replace(text, state=_state(pb.TEST, text.net, states[i : i + 1]))
            for i, text in enumerate(texts)
        )

    def _given(
        self, solver: pb.SolverParameter, where: Locations, card: TextCard, name: str
    ) -> NetText:
        value = getattr(solver, name)
        if isinstance(value, str):
            return self._named(value, where.at(name))
        return self._inline(value, where.under(name), card)

    def _named(self, name: str, where: Where) -> NetText:
        if name not in self.nets:
            card = self.open_net(name, where)
            upgraded = read_net(card.text, card.file)
            self.notes += upgraded.notes
            net = self._overridden(upgraded.message)
            check_finite(net, upgraded.locations)
            if self.for_nets:
                card = replace(card, text=write_text(net))
            self.nets[name] = net, upgraded.locations, card
        net, places, card = self.nets[name]
        return NetText(net, places, State(), card)

    def _inline(self, net: pb.NetParameter, where: Locations, card: TextCard) -> NetText:
        """A net inside the solver text; changed there, so that the run card tells it all."""
        self._overridden(net)
        return NetText(net, where, State(), TextCard(card.file, write_text(net)))

    def _overridden(self, net: pb.NetParameter) -> pb.NetParameter:
        for override in self.for_nets:
            set_field(net, override, option="--set net.")
        return net


def _inline(solver: pb.SolverParameter) -> bool:
    return any(
        (solver.HasField("net_param"), solver.HasField("train_net_param"), solver.test_net_param)
    )


def _state(phase: int, net: pb.NetParameter, states: Sequence[pb.NetState]) -> State:
    """`phase`, then the net's own state, then the solver's: later ones win."""
    return State.merged(phase, net.state, *states)
