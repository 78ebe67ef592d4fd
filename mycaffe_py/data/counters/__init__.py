"""Windows of counters over time: from CSV files to images that a net can read, and back.

A window of T time steps of F counters is an image of one channel with T rows and F columns,
float32, scaled. A Data layer makes it (N, 1, T, F), and (N, 3, T, F) of triplets; Reshape makes
that (N, T, F), which a recurrent layer wants as (T, N, F).
"""
