"""The feed of a Data layer whose images come from a function of the user's."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.feed_checks import check_class_batches
from mycaffe_py.data.head_feed import HeadFeed
from mycaffe_py.data.named_sources.named_source import NamedSource, named_source
from mycaffe_py.data.selection.choice import class_batches
from mycaffe_py.data.selection.class_batches import ClassBatches
from mycaffe_py.data.transform.list_transform import purpose_of
from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import LayerContext
from mycaffe_py.layers.user.consent import consented, places_of
from mycaffe_py.layers.user.python_error import UserCodeError, told
from mycaffe_py.layers.user.python_import import importing_from, load_callable
from mycaffe_py.layers.user.source_feed import SourceFeed
from mycaffe_py.layers.user.source_rows import RowsChecker
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.random_streams import stream

# Options of data_param that choose among stored images.
_STORED_ONLY = (
    "source",
    "stand_in",
    "rand_skip",
    "enable_random_selection",
    "label_balancing",
    "images_per_blob",
    "output_all_labels",
    "output_image_index",
)
_MOST_TOPS = 2


def source_feed(ctx: LayerContext) -> SourceFeed | HeadFeed:
    """The feed of the Data layer in `ctx`; runs the function for its first item.

    Errors: options that are for stored images, no such function, whatever it raises or hands out
    wrongly; NeedsConsentError where it may not run.
    """
    options = ctx.param.python_source_param
    named = named_source(options.module, options.function)
    if named is not None and options.HasField("function") and _lies_here(ctx, options.module):
        named = None  # the user's own copy
    _check(ctx, named)
    if named is None:
        folders = consented(ctx, "python_source_param", options.module, options.function)
        return _feed(ctx, _loaded(ctx, folders), folders)
    if ctx.opening.heads:
        with _telling(ctx):
            shapes = named.shapes(ctx.param.data_param.batch_size, options.param_str)
        return HeadFeed(shapes[: len(ctx.param.top)], options.label_count)
    return _feed(ctx, partial(named, opening=ctx.opening), places_of(ctx))


def _lies_here(ctx: LayerContext, module: str) -> bool:
    """Whether a module of that name lies beside the text or in the current folder."""
    places = [str(place) for place in places_of(ctx)]
    return "." not in module and PathFinder.find_spec(module, places) is not None


def _feed(ctx: LayerContext, function: Callable[..., Any], folders: tuple[Path, ...]) -> SourceFeed:
    """The feed that `function` fills; its code imports from `folders`."""
    options = ctx.param.python_source_param
    where = ctx.where.at("python_source_param")
    title = f"{options.module}.{options.function}".rstrip(".")

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        """Run the user's code; it may import from its folders."""
        with importing_from(folders):
            try:
                return function(*arguments)
            # Whatever the user's code may raise.
            except Exception as error:
                raise UserCodeError(_named(ctx, told(title, error)), where=where) from error

    return SourceFeed(
        partial(function, **_arguments(ctx, function)),
        call,
        RowsChecker(_named(ctx, title), options.label_count, where),
        ctx.param.data_param.batch_size,
        options.label_count,
        len(ctx.param.top),
        partial(_class_batches, ctx) if ctx.param.data_param.labels_per_batch else None,
    )


def _loaded(ctx: LayerContext, folders: tuple[Path, ...]) -> Callable[..., Any]:
    """The function that the text names."""
    options = ctx.param.python_source_param
    with _telling(ctx):
        return load_callable(options.module, options.function, folders)


@contextmanager
def _telling(ctx: LayerContext) -> Iterator[None]:
    """Let errors of what is done begin with the layer and its place in the text."""
    try:
        yield
    except UserError as error:
        found, where = _named(ctx, error.found), ctx.where.at("python_source_param")
        raise type(error)(found, where=where, wanted=error.wanted, do=error.do) from error.__cause__


def _class_batches(ctx: LayerContext, labels: NDArray[np.int64]) -> ClassBatches:
    """What chooses the items of each batch by class."""
    purpose = purpose_of(ctx.param, ctx.phase == pb.TRAIN)
    return class_batches(ctx.param, labels, {}, purpose, ctx.seed, ctx.where)


def _named(ctx: LayerContext, found: str) -> str:
    return f"layer '{ctx.param.name}' (Data): {found}"


def _arguments(ctx: LayerContext, function: Callable[..., Any]) -> dict[str, Any]:
    """The arguments that the function takes, by name. Errors: it needs something else."""
    phase = pb.Phase.Name(ctx.phase)
    # Its own for each layer and phase, so that a net is not tested on what it learned from.
    numbers = stream(ctx.seed, f"python_source/{phase}/{ctx.param.name}")
    known = {
        "seed": int(numbers.integers(2**63)),
        "phase": phase,
        "batch_size": ctx.param.data_param.batch_size,
        "param_str": ctx.param.python_source_param.param_str,
    }
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # some functions of compiled modules do not tell
        return known
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return known
    for parameter in parameters:
        needed = parameter.default is parameter.empty and parameter.kind is not (
            parameter.VAR_POSITIONAL
        )
        if needed and (parameter.name not in known or parameter.kind is parameter.POSITIONAL_ONLY):
            raise ctx.error(
                f"function '{ctx.param.python_source_param.function}' needs '{parameter.name}'",
                at=("python_source_param", "function"),
                wanted=f"it is called with those of {', '.join(known)} that it takes, by name",
            )
    taken = {parameter.name for parameter in parameters}
    return {name: value for name, value in known.items() if name in taken}


def _check(ctx: LayerContext, named: type[NamedSource] | None) -> None:
    options = ctx.param.python_source_param
    for name in ("module", "function"):
        if not getattr(options, name) and (named is None or name == "module"):
            raise ctx.error(
                f"python_source_param has no {name}",
                at=("python_source_param",),
                wanted="the module to import and the function or class in it",
            )
    param = ctx.param.data_param
    check_class_batches(ctx.param, ctx.where.under("data_param"))
    for name in _STORED_ONLY:
        if (
            param.HasField(name)
            and getattr(param, name) != param.DESCRIPTOR.fields_by_name[name].default_value
        ):
            raise ctx.error(
                f"{name} has no effect with python_source_param",
                at=("data_param", name),
                wanted="the function alone decides what a batch holds",
            )
    if param.batch_size < 1:
        raise ctx.error(
            f"batch_size is {param.batch_size}",
            at=("data_param", "batch_size"),
            wanted="a batch holds at least one item",
        )
    if ctx.param.HasField("transform_param"):
        raise ctx.error(
            "a transform_param has no effect with python_source_param",
            at=("transform_param",),
            wanted="values are handed out as the function gives them",
            do="Scale them there.",
        )
    if len(ctx.param.top) > _MOST_TOPS:
        raise ctx.error(f"{len(ctx.param.top)} tops", wanted="a function fills two, data and label")
