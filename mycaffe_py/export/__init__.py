"""Floor 7. A net for other programs: ONNX files, and clean deploy texts with their weights."""
