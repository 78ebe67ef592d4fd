"""Convolution, ReLU and 2 x 2 max pooling in one pass, on blocked images."""
