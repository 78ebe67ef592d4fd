"""Layers that cut, join, pick, reshape and pass on."""
