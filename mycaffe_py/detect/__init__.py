"""Floor 10: objects in pictures, found by detectors of the SSD kind."""
