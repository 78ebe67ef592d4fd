"""Layers that no text names: the compiler puts one in place of several plain layers."""
