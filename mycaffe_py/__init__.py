"""A pip-installable Caffe, for Siamese networks first."""

__version__ = "0.2.0"
