"""Pictures whose channels lie side by side, a vector of them at each pixel: [N][C/L][H][W][L].

L is the number of lanes of a vector. Channels behind the last one are 0.
"""
