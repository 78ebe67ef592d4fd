"""Sequences: LSTM and plain recurrent nets."""
