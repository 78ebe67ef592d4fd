"""`python -m mycaffe_py` is the command `mycaffe`."""

from mycaffe_py.cli.main import entry

entry()
