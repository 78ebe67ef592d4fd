"""Handwritten-like characters of many scripts: drawn from fonts, and Omniglot's."""
