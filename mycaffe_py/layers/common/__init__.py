"""Layers with weights for vectors, and the plain arithmetic around them."""
