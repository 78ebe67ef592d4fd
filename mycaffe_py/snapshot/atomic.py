"""Floor 2. Whole files, under the name that programs which write snapshots know."""

from mycaffe_py.atomic import write_atomically

__all__ = ["write_atomically"]
