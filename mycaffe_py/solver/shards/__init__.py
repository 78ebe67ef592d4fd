"""A batch in equal parts, whose gradients are made one by one and summed in a fixed order."""
