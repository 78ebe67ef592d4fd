"""A net as the model page draws it: the places of its boxes, and what is told on them."""
