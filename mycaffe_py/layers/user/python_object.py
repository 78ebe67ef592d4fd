"""The object of a Python layer: made, given its blobs, and called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array, LayerContext, LayerIO
from mycaffe_py.layers.user.consent import consented
from mycaffe_py.layers.user.python_blob import Blob, fixed
from mycaffe_py.layers.user.python_error import UserCodeError, told
from mycaffe_py.layers.user.python_import import importing_from, load_class
from mycaffe_py.layers.user.python_layer import PythonLayer


@dataclass(frozen=True, eq=False, repr=False)
class PythonFacts:
    """The user's object with the blobs it is given; `folders` are where its imports look."""

    layer: PythonLayer
    bottoms: tuple[Blob, ...]
    tops: tuple[Blob, ...]
    folders: tuple[Path, ...]

    def call(self, ctx: LayerContext, method: str, *arguments: object) -> None:
        """Run a method of the object; what it raises becomes the cause of a UserCodeError.

        A class may lack reshape or forward as long as its setup refuses the layer, as in Caffe.
        """
        if method != "setup" and getattr(type(self.layer), method) is getattr(PythonLayer, method):
            options = ctx.param.python_param
            raise ctx.error(
                f"class '{options.layer}' of module '{options.module}' has no method {method}",
                at=("python_param",),
                wanted="a layer has reshape(bottom, top) and forward(bottom, top)",
            )
        with importing_from(self.folders):
            try:
                getattr(self.layer, method)(*arguments)
            # Whatever the user's code may raise.
            except Exception as error:
                found = told(f"{type(self.layer).__name__}.{method}", error)
                raise _in_layer(ctx, UserCodeError(found)) from error

    def forward(self, io: LayerIO[PythonFacts]) -> None:
        """Call the object's reshape, then its forward."""
        self._bind(io)
        self.call(io.context, "reshape", list(self.bottoms), list(self.tops))
        self.call(io.context, "forward", list(self.bottoms), list(self.tops))

    def backward(self, io: LayerIO[PythonFacts]) -> None:
        """Call the object's backward, with a flag for each gradient that is wanted."""
        if type(self.layer).backward is PythonLayer.backward:
            raise io.context.error(
                f"class '{type(self.layer).__name__}' has no method backward",
                at=("python_param", "layer"),
                wanted="a parameter before it learns through it",
                do="Write backward(self, top, propagate_down, bottom), or set propagate_down: "
                "false for its bottoms.",
            )
        self._bind(io)
        flags = [dx is not None for dx in io.dbottoms]
        self.call(io.context, "backward", list(self.tops), flags, list(self.bottoms))

    def _bind(self, io: LayerIO[PythonFacts]) -> None:
        """Let the blobs show the arrays of `io`."""
        dbottoms: list[Array | None] = io.dbottoms or [None] * len(io.bottoms)
        dtops: list[Array | None] = [*io.dtops] or [None] * len(io.tops)
        dparams: list[Array | None] = io.dparams or [None] * len(io.params)
        names = io.context.param.bottom
        for blob, x, dx, name in zip(self.bottoms, io.bottoms, dbottoms, names, strict=True):
            blob.bind(x, dx, fixed(f"bottom '{name}'"))
        for index, (blob, y, dy) in enumerate(zip(self.tops, io.tops, dtops, strict=True)):
            blob.bind(y, dy, partial(io.resize, index))
        blobs = self.layer.blobs
        if len(blobs) != len(io.params):
            raise io.context.error(
                f"the object has {len(blobs)} blobs",
                at=("python_param",),
                wanted=f"after setup it had {len(io.params)}, and parameters are added there",
            )
        for blob, w, dw in zip(blobs, io.params, dparams, strict=True):
            blob.bind(w, dw, fixed("a parameter"))

    def __repr__(self) -> str:
        return repr(Elsewhere(type(self.layer).__name__))

    def __reduce__(self) -> tuple[type[Elsewhere], tuple[str]]:
        """Another process (engine/compile_ahead.py) gets no copy: the code would run twice."""
        return Elsewhere, (type(self.layer).__name__,)


@dataclass(frozen=True)
class Elsewhere:
    """Stands for an object that stays in its process, and does nothing."""

    name: str

    def forward(self, io: LayerIO[PythonFacts]) -> None:
        """Leave the tops as they are."""

    def backward(self, io: LayerIO[PythonFacts]) -> None:
        """Leave the gradients as they are."""


def make_object(ctx: LayerContext) -> PythonFacts:
    """The object of the layer in `ctx`, before its setup.

    A top that works in place is the very blob of its bottom.
    """
    options = ctx.param.python_param
    for name in ("module", "layer"):
        if not getattr(options, name):
            raise ctx.error(
                f"python_param has no {name}",
                at=("python_param",),
                wanted="the module to import and the class in it",
            )
    folders = consented(ctx, "python_param", options.module, options.layer)
    try:
        kind = load_class(options.module, options.layer, folders)
    except UserError as error:
        raise _in_layer(ctx, error) from error.__cause__
    with importing_from(folders):
        try:
            layer = kind(ctx.param)
        # Whatever the user's code may raise.
        except Exception as error:
            raise _in_layer(ctx, UserCodeError(told(f"{options.layer}()", error))) from error
    layer.param_str = layer.param_str_ = options.param_str
    layer.phase = ctx.phase
    bottoms = tuple(Blob(shape) for shape in ctx.shapes)
    over = in_place(ctx)
    tops = tuple(bottoms[i] if i in over else Blob() for i in range(ctx.top_count))
    return PythonFacts(layer, bottoms, tops, folders)


def in_place(ctx: LayerContext) -> list[int]:
    """The tops that work in place: each is the bottom at the same index."""
    pairs = zip(ctx.param.bottom, ctx.param.top, strict=False)
    return [index for index, (bottom, top) in enumerate(pairs) if bottom == top]


def _in_layer(ctx: LayerContext, error: UserError) -> UserError:
    """An error of the same kind whose text begins with the layer."""
    whole = ctx.error(error.found, at=("python_param",), wanted=error.wanted, do=error.do)
    return type(error)(whole.found, where=whole.where, wanted=whole.wanted, do=whole.do)
