"""Layers that slide windows over pictures."""
