"""Convolution of any shape, as products of matrices."""
