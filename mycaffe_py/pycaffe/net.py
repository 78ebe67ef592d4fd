"""The net of scripts, with the names that Caffe's Python interface has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from mycaffe_py.engine.weights import layer_weights, load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.pycaffe import log_lines
from mycaffe_py.pycaffe.batches import Arrays, batches, forward_all, forward_backward_all
from mycaffe_py.pycaffe.memory_data import set_input_arrays
from mycaffe_py.pycaffe.mode import next_seed
from mycaffe_py.pycaffe.net_parts import NetParts
from mycaffe_py.pycaffe.net_text import existing, read_net
from mycaffe_py.pycaffe.plain_net import Callback, PlainNet
from mycaffe_py.snapshot.weights import read_weights, write_weights

File = str | os.PathLike[str]


class Net(NetParts):
    """A net made from a text, for one phase.

    Net(network_file, phase, level=0, stages=None, weights=None), or as scripts of old have it
    Net(network_file, weights_file, phase). A file that cannot be opened raises RuntimeError.

    `blobs`, `params`, `layer_dict`, `top_names`, `bottom_names` and `blob_loss_weights` are in the
    order of the net. Arrays that methods return are views: copy what must outlive the next pass.
    """

    def __init__(
        self,
        network_file: File,
        phase: int | File,
        level: int = 0,
        stages: Sequence[str] | None = None,
        weights: File | None = None,
    ) -> None:
        """Read the text, make the net, and load `weights` if given."""
        if isinstance(phase, str | os.PathLike):
            weights, phase, level = phase, level, 0
            log_lines.warn(
                "DEPRECATION WARNING - deprecated use of Python interface; use "
                f"Net('{network_file}', {phase}, weights='{weights}') instead"
            )
        source = read_net(os.fspath(network_file), phase, level, stages or ())
        saved = (
            read_weights(existing(os.fspath(weights)), may_be_empty=True)
            if weights is not None
            else None
        )
        self._plain = source.build(next_seed(), saved.shapes() if saved else None)
        self._texts = source.layers()
        if saved is not None:
            load_weights([self._plain], saved)

    @classmethod
    def _over(cls, plain: PlainNet, texts: Sequence[LayerParameter]) -> Self:
        """The net of a solver, over its `plain` net; `texts` are its layers."""
        net = cls.__new__(cls)
        net._plain = plain
        net._texts = list(texts)
        return net

    def _forward(self, start: int, end: int) -> float:
        """Run layers number `start` to `end`; returns the loss they add up to."""
        return self._plain.forward_range(start, end)

    def _backward(self, start: int, end: int) -> None:
        """Run layers number `start` down to `end` backward."""
        self._plain.backward_range(start, end)

    def forward(
        self,
        blobs: list[str] | None = None,
        start: str | None = None,
        end: str | None = None,
        **kwargs: Any,
    ) -> Arrays:
        """Run from layer `start` to layer `end`, by default all layers; `kwargs` are inputs.

        Returns the values of the outputs (of the tops of `end`), and of `blobs`.
        """
        first = self._number(start) if start is not None else 0
        last = self._number(end) if end is not None else len(self._layer_names) - 1
        wanted = [*(self.top_names[end] if end is not None else self.outputs), *(blobs or ())]
        if kwargs:
            _check_names("Input blob arguments do not match net inputs.", kwargs, self.inputs)
        for name, values in kwargs.items():
            _copy(values, self._blob(name).data, "Input", name)
        self._forward(first, last)
        return {name: self._blob(name).data for name in wanted}

    def backward(
        self,
        diffs: list[str] | None = None,
        start: str | None = None,
        end: str | None = None,
        **kwargs: Any,
    ) -> Arrays:
        """Run backward from layer `start` down to layer `end`; `kwargs` are diffs of outputs.

        Without `kwargs` the diffs of the outputs are what they hold: loss weights, or what a script
        has written there.
        Returns the gradients of the inputs (of the bottoms of `end`), and of `diffs`.
        """
        first = self._number(start) if start is not None else len(self._layer_names) - 1
        last = self._number(end) if end is not None else 0
        wanted = [*(self.bottom_names[end] if end is not None else self.inputs), *(diffs or ())]
        if kwargs:
            _check_names("Top diff arguments do not match net outputs.", kwargs, self.outputs)
        for name, values in kwargs.items():
            _copy(values, self._blob(name).diff, "Diff", name)
        self._backward(first, last)
        return {name: self._blob(name).diff for name in wanted}

    def forward_all(self, blobs: list[str] | None = None, **kwargs: Any) -> Arrays:
        """Like `forward`, for any number of items, batch by batch; the arrays are copies."""
        return forward_all(partial(self._forward_batch, blobs), self._rows, kwargs)

    def forward_backward_all(
        self, blobs: list[str] | None = None, diffs: list[str] | None = None, **kwargs: Any
    ) -> tuple[Arrays, Arrays]:
        """Like `forward` and `backward`, for any number of items: values, and gradients."""
        forward = partial(self._forward_batch, blobs)
        backward = partial(self._backward_batch, diffs)
        return forward_backward_all(
            forward, backward, self._rows, kwargs, self.inputs, self.outputs
        )

    def _forward_batch(self, blobs: list[str] | None, batch: Arrays) -> Arrays:
        return self.forward(blobs, None, None, **batch)

    def _backward_batch(self, diffs: list[str] | None, batch: Arrays) -> Arrays:
        return self.backward(diffs, None, None, **batch)

    @property
    def _rows(self) -> int:
        """The items of a batch: the first axis of the first blob."""
        return int(self._blobs[0].shape[0])

    def _batch(self, items: Mapping[str, Any]) -> Iterator[Arrays]:
        """The items in batches as long as the first blob; scripts call it under this name."""
        return batches(items, self._rows)

    def set_input_arrays(self, data: Array, labels: Array) -> None:
        """Let the first layer, a MemoryData, hand out the rows of `data`, without copying them.

        data (n, C, H, W) and labels (n) or (n, 1, 1, 1): float32, n a multiple of the batch.
        """
        if np.ndim(labels) == 1:
            labels = np.ascontiguousarray(labels[:, np.newaxis, np.newaxis, np.newaxis])
        self._set_input_arrays(data, labels)

    def _set_input_arrays(self, data: Array, labels: Array) -> None:
        set_input_arrays(self._plain, data, labels)

    def reshape(self) -> None:
        """Let all layers take up new shapes of blobs; every forward does so by itself."""
        self._plain.settle()

    # Callbacks: each gets the number of the layer. Several may be added.

    def before_forward(self, call: Callback) -> None:
        """Call it before the forward of each layer."""
        self._plain.before_forward.append(call)

    def after_forward(self, call: Callback) -> None:
        """Call it after the forward of each layer."""
        self._plain.after_forward.append(call)

    def before_backward(self, call: Callback) -> None:
        """Call it before the backward of each layer, those with none among them."""
        self._plain.before_backward.append(call)

    def after_backward(self, call: Callback) -> None:
        """Call it after the backward of each layer, those with none among them."""
        self._plain.after_backward.append(call)

    # Parameters and files.

    def clear_param_diffs(self) -> None:
        """Set the gradients of all parameters to 0; backward adds to them."""
        self._plain.clear_gradients()

    def share_with(self, other: Net) -> None:
        """Use the parameters of `other` from now on, for layers of the same names."""
        self._plain.share_values(other._plain)

    def copy_from(self, file: File) -> None:
        """Copy the parameters in `file`, binary or HDF5, into the layers of the same names."""
        load_weights([self._plain], read_weights(existing(os.fspath(file)), may_be_empty=True))

    def load_hdf5(self, file: File) -> None:
        """The same as `copy_from`, which sees by itself that a file is HDF5."""
        self.copy_from(file)

    def save(self, file: File) -> None:
        """Write the parameters as a .caffemodel."""
        self._save(file, hdf5=False)

    def save_hdf5(self, file: File) -> None:
        """Write the parameters as HDF5."""
        self._save(file, hdf5=True)

    def _save(self, file: File, *, hdf5: bool) -> None:
        name, layers = self._plain.graph.name, layer_weights(self._plain, self._texts)
        write_weights(Path(os.fspath(file)), name, layers, hdf5=hdf5)


def _check_names(told: str, given: Mapping[str, object], wanted: Sequence[str]) -> None:
    if set(given) != set(wanted):
        raise UserError(
            told, wanted=f"given: {', '.join(given)}; there are: {', '.join(wanted) or 'none'}"
        )


def _copy(values: Any, into: Array, what: str, name: str) -> None:
    """Write `values` over the rows of a blob, as many as it has."""
    values = np.asarray(values)
    if values.shape[:1] != into.shape[:1]:
        raise UserError(
            f"{what} is not batch sized",
            wanted=f"blob '{name}' is {into.shape}, and this is {values.shape}",
            do="forward_all takes any number of items." if what == "Input" else "",
        )
    into[...] = values
