"""Data sets that a program hands over as arrays or iterables, held in memory while in use."""
