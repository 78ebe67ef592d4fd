"""Vectors of the full register width, and what is made of them."""
