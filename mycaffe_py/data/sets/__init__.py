"""One file for each kind of data set: how it is made, and how it is opened by its name.

These files import nothing heavy at their top: each command line reads the options of all of them.
"""
