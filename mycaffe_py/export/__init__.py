"""Floor 9: a net for other programs: ONNX files, and clean deploy texts with their weights."""
