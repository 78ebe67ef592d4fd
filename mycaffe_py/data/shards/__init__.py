"""Batches in equal parts: which rows each part has."""
