"""Caffe's own ways to keep data: LMDB, LevelDB, HDF5, lists of pictures."""
