"""R-CNN's window files."""

from mycaffe_py.data.rcnn_windows.window_list import read_windows
from mycaffe_py.errors import Where
from tests.fuzz.reader import Reader

TEXT = b"""# 0
a.png
3 40 50
2
1 0.8 1 2 20 30
0 0.1 0 0 10 10
# 1
b.png
3 4 4
1
2 1 0 0 3 3
"""

READER = Reader(
    samples=lambda folder: [TEXT],
    read=lambda path: read_windows(path, "", 0.5, 0.5, Where("net.prototxt", 2)),
    file="windows.txt",
    words=(b"\0", b"#", b" ", b"\n", b"nan", b"inf", b"1e400", b"-1", b"9" * 5000),
)
