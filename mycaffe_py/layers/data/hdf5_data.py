"""HDF5Data: rows of HDF5 datasets."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.data.caffe_stores.hdf5_reading import Hdf5Feed, open_files
from mycaffe_py.data.transform.list_transform import purpose_of
from mycaffe_py.layers.base import ANY, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts, FedLayer, fed_plan
from mycaffe_py.proto import mycaffe_pb2 as pb


@register
class HDF5Data(FedLayer):
    """Fills each top with rows of the HDF5 dataset of its name, one batch each forward.

    Formula:
        none: the values are handed out as they are, whole numbers as floats.
    Shapes:
        a dataset (n, ...) gives a top (N, ...), whatever the number of axes.
    Source:
        As in Caffe: the source lists the files, rows go on from one file to the next and round in a
        circle, and shuffle mixes files and rows each time round. One file is in memory at a time.
        Files whose rows differ in shape are an error; Caffe reads past their ends.
    Example:
        layer {
          name: "rows" type: "HDF5Data" top: "data" top: "label"
          hdf5_data_param { source: "files.txt" batch_size: 4 }
        }
    """

    type = "HDF5Data"
    top_count = ANY

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """Look into the files; the first one gives the shapes."""
        param = ctx.param.hdf5_data_param
        if ctx.param.HasField("transform_param"):
            raise ctx.error(
                "a transform_param has no effect",
                at=("transform_param",),
                wanted="rows are handed out as they are",
                do="Transform them before they are written, or with a Power layer.",
            )
        if param.batch_size < 1:
            raise ctx.error(
                f"batch_size is {param.batch_size}", at=("hdf5_data_param", "batch_size")
            )
        where = ctx.where.at("hdf5_data_param", "source")
        names = list(ctx.param.top)
        files = open_files(Path(param.source), names, where)
        purpose = purpose_of(ctx.param, ctx.phase == pb.TRAIN)
        feed = Hdf5Feed(files, names, param.batch_size, param.shuffle, ctx.seed, purpose, where)
        return fed_plan(ctx, feed)
