"""Distances of all pairs, and what is picked out of them."""
