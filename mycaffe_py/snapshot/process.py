"""Floor 2. Start times, under the name that programs which watch runs know."""

from mycaffe_py.process import start_time

__all__ = ["start_time"]
