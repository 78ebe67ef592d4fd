"""Losses and distances, forward and gradient."""
