"""Optical flow and pose: maps compared, warped and resized, and the peaks of heat maps."""
