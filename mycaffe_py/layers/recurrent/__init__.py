"""Layers for sequences."""
