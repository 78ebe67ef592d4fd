"""Caffe's files, made small for the tests of this folder."""

import io
from importlib import import_module

import h5py
import lmdb
import numpy as np
from PIL import Image

from mycaffe_py.data.caffe_stores.stores import PLYVEL
from mycaffe_py.proto.mycaffe_pb2 import Datum

plyvel = import_module(PLYVEL)


def raw_datum(image, label):
    """The bytes of a Datum as Caffe's tools write it."""
    channels, height, width = image.shape
    datum = Datum(channels=channels, height=height, width=width, label=label)
    if image.dtype == np.uint8:
        datum.data = image.tobytes()
    else:
        datum.float_data.extend(image.ravel().tolist())
    return datum.SerializeToString()


def encoded_datum(image, label, form="PNG"):
    """A Datum that holds the picture file of an RGB or gray image (H, W, 3) or (H, W)."""
    return Datum(data=picture_bytes(image, form), label=label, encoded=True).SerializeToString()


def picture_bytes(image, form="PNG"):
    file = io.BytesIO()
    Image.fromarray(image).save(file, form)
    return file.getvalue()


def make_lmdb(folder, values):
    """An LMDB folder with these values under %08d keys, written backwards."""
    with lmdb.open(str(folder), map_size=1 << 24) as store, store.begin(write=True) as transaction:
        for number in reversed(range(len(values))):
            transaction.put(b"%08d" % number, values[number])
    return folder


def make_leveldb(folder, values):
    """The same as LevelDB."""
    store = plyvel.DB(str(folder), create_if_missing=True)
    for number in reversed(range(len(values))):
        store.put(b"%08d" % number, values[number])
    store.close()
    return folder


MAKERS = {"LMDB": make_lmdb, "LEVELDB": make_leveldb}


def make_hdf5(path, **datasets):
    """An HDF5 file with these datasets."""
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values
    return path


def some_images(count=7, shape=(2, 5, 4), dtype=np.uint8):
    """Random images (count, C, H, W) and the labels 0, 3, 6 ..."""
    images = np.random.default_rng(3).integers(0, 256, (count, *shape)).astype(dtype)
    return images, 3 * np.arange(count)
