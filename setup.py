"""Packaging of MyCaffe-Py: what is installed, and what it needs."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+?)"', (HERE / "mycaffe_py/__init__.py").read_text())

# Folders of texts at top level, where a reader looks for them; they travel inside the package.
TEXT_FOLDERS = ("models", "solvers", "protos")

REQUIRES = [
    "numpy>=2.1,<3",  # every array; 2.x has one casting rule for scalars, which results rely on
    "numba>=0.62,<1",  # compiles the kernels; 0.62 is the first to bring an LLVM with whole AVX-512
    "protobuf>=5,<8",  # model, solver and weight messages; the generated code is of 4.25 and runs on all
    "pillow>=11,<14",  # reads pictures of any format, writes contact sheets
    "tqdm>=4.66,<5",  # progress bars
]
PLOT = ["matplotlib>=3.9,<4"]  # curves and embedding pictures at the end of a run
LMDB = ["lmdb>=1.4,<4"]  # reads and writes Caffe's usual image store
LEVELDB = ["plyvel>=1.5,<2"]  # reads the image store of Caffe's first years
HDF5 = ["h5py>=3.11,<4"]  # HDF5Data, HDF5Output, and snapshots in HDF5
DRAW = ["pydot>=3,<5"]  # nets as graphs, for Graphviz to draw
ONNX = ["onnx>=1.17,<2"]  # nets for other programs: mycaffe export onnx
BASELINES = ["scikit-learn>=1.5,<2"]  # a linear SVM to compare designs with: mycaffe rank
TEST = [
    *PLOT,
    *DRAW,
    *LMDB,
    *LEVELDB,
    *HDF5,
    *ONNX,
    "onnxruntime>=1.20,<2",  # runs ONNX files, to compare with
    "opencv-python-headless>=4.12,<5",  # reads Caffe's files, to compare with; 5 does no more
    "pytest>=8.3,<10",  # runs the tests
    "pytest-xdist>=3.6,<4",  # on all cores
    "hypothesis>=6.100,<7",  # finds the text that breaks the reader
    "scipy>=1.14,<2",  # an independent convolution to compare with
    "scikit-learn>=1.5,<2",  # the original of the digits28 pictures
    "grpcio-tools>=1.80,<2",  # regenerates mycaffe_pb2.py to compare it with the committed one
]
DEV = [
    *TEST,
    "ruff>=0.9,<1",  # lint
    "mypy>=1.14,<3",  # types
    "types-protobuf",
    "types-tqdm",
]

setup(
    name="mycaffe-py",
    version=VERSION.group(1) if VERSION else "",
    description="A pip-installable Caffe, for Siamese networks first",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="BSD-2-Clause",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=[
        *find_packages(include=["mycaffe_py", "mycaffe_py.*"]),
        *(f"mycaffe_py.{folder}" for folder in TEXT_FOLDERS),
    ],
    package_dir={"": ".", **{f"mycaffe_py.{folder}": folder for folder in TEXT_FOLDERS}},
    package_data={
        "": ["*.npz", "*.txt", "*.pyi", "py.typed"],
        "mycaffe_py.evaluate.film": ["page.html", "page.js"],
        "mycaffe_py.models": ["*.prototxt", "heads/*.prototxt"],
        "mycaffe_py.solvers": ["*.solver"],
        "mycaffe_py.protos": ["*.proto"],
    },
    install_requires=REQUIRES,
    extras_require={
        "plot": PLOT,
        "draw": DRAW,
        "lmdb": LMDB,
        "leveldb": LEVELDB,
        "hdf5": HDF5,
        "onnx": ONNX,
        "baselines": BASELINES,
        "test": TEST,
        "dev": DEV,
    },
    entry_points={"console_scripts": ["mycaffe = mycaffe_py.cli.main:entry"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Console",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.11",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
