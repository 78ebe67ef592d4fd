"""Layers on pictures in blocks of channels, which the compiler puts in place of plain ones."""
