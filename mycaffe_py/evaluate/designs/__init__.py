"""Designs compared: small nets ("heads") on the features of one frozen base.

A head is a model text that begins at the features. Its Input layers have the tops `a` and `b`, the
features of the two images of a pair, and `same` (1: one class, 0: two); or `a`, `p` and `n`, an
image, one of its class and one of another. It ends in one of two ways. A blob `score` with one
value a pair says how alike the two are, larger for more. Or a blob `feat`, made of `a` alone, is an
encoding of the image, and how alike two images are is how near their encodings lie (Euclidean
distance). Everything else, the loss above all, is the head's own business.
"""
