"""How the package mycaffe_py_kernels is made: see build.py."""
