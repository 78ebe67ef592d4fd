"""Optical flow and pose: correlation, warping, resizing with wide kernels, peaks."""
