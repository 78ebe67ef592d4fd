"""From stored pixels to a net's input."""
