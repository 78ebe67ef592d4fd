"""MatWrite: DeepLab's writer of MATLAB's files, which writes none here."""

from __future__ import annotations

from mycaffe_py.layers.base import register
from mycaffe_py.layers.utility.silence import Silence


@register
class MatWrite(Silence):
    """Reads blobs and makes nothing of them, where DeepLab writes them to files of MATLAB.

    Formula:
        no top; dx = 0.
    Shapes:
        every x any shape.
    Source:
        As in DeepLab's Caffe, except that no file is written, so that its texts run: what the layer
        reads does not count as an output of the net. A program gets it by its name, as
        net.blobs["fc8"].data, and a net writes it with a layer HDF5Output in this one's place.
        The options are read and have no effect.
    Example:
        layer {
          name: "out" type: "MatWrite" bottom: "x" bottom: "t"
          mat_write_param { prefix: "features/" source: "names.txt" strip: 0 period: 1 }
        }
    """

    type = "MatWrite"
    example = ((2, 3), (2,))
