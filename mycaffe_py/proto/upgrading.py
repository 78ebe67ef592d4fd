"""A net on its way from an old form to today's."""

from __future__ import annotations

from dataclasses import dataclass, field

from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import NetParameter


@dataclass
class Draft:
    """The net, where its present layers stand in the text, and notes of what was changed.

    A step changes all three in place: whoever adds, drops or renumbers layers moves `where` too.
    """

    net: NetParameter
    where: Locations
    notes: list[str] = field(default_factory=list)
