"""Layers that measure a net or answer by distances; none of them is a loss."""
