"""Layers that treat every value, or every row, by a fixed function."""
