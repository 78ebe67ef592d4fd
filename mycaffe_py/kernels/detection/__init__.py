"""Boxes: prior boxes, decoding, suppression of those that overlap a better one."""
