"""Layers that bring data into a net, or write it out."""
