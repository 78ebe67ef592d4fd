"""Layers and sources whose code is the user's."""
