"""The distance beyond which an input belongs to no known class, and how it is measured."""
