"""The translation of a net to ONNX: operators, their tensors, and the file."""
