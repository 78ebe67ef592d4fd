"""How each layer is said in ONNX: a file for a family, a function for a layer type."""
