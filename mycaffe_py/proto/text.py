"""INTERIM strict reader, replaced by the proto colleague."""
from dataclasses import dataclass
from typing import Any
from pathlib import Path
from google.protobuf import text_format
from mycaffe_py.proto.locations import Locations
@dataclass(frozen=True)
class Parsed:
    message: Any
    locations: Locations
def read_text(text, cls, file="<text>"):
    return Parsed(text_format.Parse(text, cls()), Locations.none(file))
def read_text_file(path, cls):
    return read_text(Path(path).read_text(), cls, str(path))
