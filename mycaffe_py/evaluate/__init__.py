"""Floor 7. What a trained snapshot is worth: test-many, confusion, pictures."""
