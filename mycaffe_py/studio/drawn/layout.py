"""Where the layers of a net stand on the page: from data to loss, twins side by side.

Rows are given by the longest way from an input. Layers that share parameters stand in one row, the
owner on the left and its twin on the right, and so does all that hangs on them alone: two branches
are two lanes, whatever lies between. What is read further down goes there in a gap of its own
between the boxes, never behind one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mycaffe_py.graph.told.describe import LayerFacts, NetFacts

WIDTH, HEIGHT = 176, 46
# Of a line on its way past a row.
_LINE = 8
_GAP_X, _GAP_Y = 28, 34
# Each sweep brings layers nearer to what they are connected with; more changed nothing.
_SWEEPS = 4
_SIDES = (_LEFT, _CENTRE, _RIGHT) = (-1, 0, 1)


@dataclass(frozen=True)
class PlacedLayer:
    """A layer's box: its upper left corner, and the numbers of the layers it reads from.

    `ways` has for each maker the points (x, y) at which the line from it passes the rows between:
    straight down from there past the height of a box.
    """

    name: str
    x: float
    y: float
    makers: tuple[int, ...]
    ways: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class Layout:
    """All boxes, in the net's order, and the size of the drawing."""

    layers: tuple[PlacedLayer, ...]
    width: float
    height: float
    twins: tuple[tuple[int, int], ...]


@dataclass
class _Box:
    makers: list[int]
    rank: int = 0
    side: int = _CENTRE
    users: list[int] = field(default_factory=list)
    place: float = 0.0
    width: float = WIDTH


def layout(net: NetFacts) -> Layout:
    """The places of all layers of `net`."""
    boxes = _boxes(net.layers)
    twins = _twins(net)
    _rank(boxes, twins)
    _sides(boxes, twins)
    ways = _ways(boxes)
    rows = _ordered(boxes)
    # Lanes keep their columns: all rows have room for as many lines in the middle.
    room = max((_lines_between(boxes, row) for row in rows), default=0)
    for row in rows:
        _place(boxes, row, room)
    left = min((box.place for box in boxes), default=0.0) - _GAP_X
    right = max((box.place + box.width for box in boxes), default=float(WIDTH)) + _GAP_X

    def point(number: int) -> tuple[float, float]:
        return boxes[number].place - left, _GAP_Y + boxes[number].rank * (HEIGHT + _GAP_Y)

    placed = []
    for number, layer in enumerate(net.layers):
        lines = [ways.get((maker, number), []) for maker in boxes[number].makers]
        passed = tuple(
            tuple((point(one)[0] + _LINE / 2, point(one)[1]) for one in line) for line in lines
        )
        makers = tuple(boxes[number].makers)
        placed.append(PlacedLayer(layer.name, *point(number), makers, passed))
    height = _GAP_Y + len(rows) * (HEIGHT + _GAP_Y)
    return Layout(tuple(placed), right - left, height, tuple(twins))


def _boxes(layers: tuple[LayerFacts, ...]) -> list[_Box]:
    """Who reads from whom; a layer in place becomes the maker of its blob for those behind it."""
    maker: dict[str, int] = {}
    boxes = []
    for number, layer in enumerate(layers):
        makers = list(dict.fromkeys(maker[name] for name in layer.bottoms if name in maker))
        boxes.append(_Box(makers))
        for one in makers:
            boxes[one].users.append(number)
        maker |= {top.name: number for top in layer.tops}
    return boxes


def _twins(net: NetFacts) -> list[tuple[int, int]]:
    """Pairs (owner, sharer) of layers with common parameters."""
    owner: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for number, layer in enumerate(net.layers):
        for key in layer.params:
            if key in owner and (owner[key], number) not in pairs:
                pairs.append((owner[key], number))
            owner.setdefault(key, number)
    return pairs


def _rank(boxes: list[_Box], twins: list[tuple[int, int]]) -> None:
    """The rows; twins are moved down to one row until nothing moves any more."""
    for _ in range(len(boxes) + 1):
        moved = False
        for box in boxes:
            rank = max([box.rank, *(boxes[maker].rank + 1 for maker in box.makers)])
            moved = moved or rank != box.rank
            box.rank = rank
        for one, other in twins:
            low = max(boxes[one].rank, boxes[other].rank)
            moved = moved or boxes[one].rank != boxes[other].rank
            boxes[one].rank = boxes[other].rank = low
        if not moved:
            return


def _sides(boxes: list[_Box], twins: list[tuple[int, int]]) -> None:
    """The lanes: owners left, their twins right, and what reads from one lane alone stays in it."""
    owners = {one for one, _ in twins}
    sharers = {other for _, other in twins} - owners
    for number, box in enumerate(boxes):
        if number in owners or number in sharers:
            box.side = _LEFT if number in owners else _RIGHT
            continue
        sides = {boxes[maker].side for maker in box.makers}
        box.side = sides.pop() if len(sides) == 1 else _CENTRE


def _ways(boxes: list[_Box]) -> dict[tuple[int, int], list[int]]:
    """For each (maker, reader) apart: small boxes in the rows between, which are put to `boxes`."""
    ways: dict[tuple[int, int], list[int]] = {}
    for number, box in enumerate(list(boxes)):
        for maker in box.makers:
            between = range(boxes[maker].rank + 1, box.rank)
            side = box.side if box.side == boxes[maker].side else _CENTRE
            line = [len(boxes) + i for i in range(len(between))]
            if line:
                ways[maker, number] = line
            stations = [maker, *line, number]
            for i, rank in enumerate(between):
                boxes.append(_Box([stations[i]], rank, side, [stations[i + 2]], width=_LINE))
    return ways


def _ordered(boxes: list[_Box]) -> list[list[int]]:
    """The layers of each row from left to right: by lane, then by what they are connected with."""
    rows: list[list[int]] = [[] for _ in range(max((box.rank for box in boxes), default=-1) + 1)]
    for number, box in enumerate(boxes):
        rows[box.rank].append(number)
    at = {number: float(i) for row in rows for i, number in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            down = sweep % 2 == 0
            mean = {n: _mean(boxes[n].makers if down else boxes[n].users, at, n) for n in row}
            row.sort(key=lambda n: (boxes[n].side, mean[n], n))
            at |= {number: i - len(row) / 2 for i, number in enumerate(row)}
    return rows


def _mean(others: list[int], at: dict[int, float], number: int) -> float:
    return sum(at[one] for one in others) / len(others) if others else at[number]


def _lines_between(boxes: list[_Box], row: list[int]) -> float:
    """The room that lines in the middle of two lanes take."""
    sides = {boxes[n].side for n in row}
    if not {_LEFT, _RIGHT} & sides:
        return 0
    return _extent([boxes[n] for n in row if boxes[n].side == _CENTRE and boxes[n].width == _LINE])


def _extent(boxes: list[_Box]) -> float:
    """Of boxes side by side, with a gap behind each."""
    return sum(box.width + _GAP_X for box in boxes)


def _place(boxes: list[_Box], row: list[int], room: float) -> None:
    """Lanes left and right of the middle, 0; what belongs to none is around it."""
    lanes = {side: [boxes[n] for n in row if boxes[n].side == side] for side in _SIDES}
    half = _extent(lanes[_CENTRE]) / 2
    _side_by_side(lanes[_CENTRE], _GAP_X / 2 - half)
    inner = max(half, room / 2)
    _side_by_side(lanes[_LEFT], _GAP_X / 2 - inner - _extent(lanes[_LEFT]))
    _side_by_side(lanes[_RIGHT], _GAP_X / 2 + inner)


def _side_by_side(boxes: list[_Box], x: float) -> None:
    for box in boxes:
        box.place = x
        x += box.width + _GAP_X
