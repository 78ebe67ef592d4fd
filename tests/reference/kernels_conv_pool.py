"""Convolution + bias + ReLU + 2 x 2 max pooling and its gradients, in float64, by definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def _patches(x: Array, kernel: tuple[int, int]) -> Array:
    """(N, C, rows, columns, R, S) views of x (N, C, H, W)."""
    return np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), kernel, axis=(2, 3))


def convolution(x: Array, w: Array) -> Array:
    """x (N, C, H, W), w (K, C, R, S) to (N, K, H - R + 1, W - S + 1)."""
    return np.einsum("nchwij,kcij->nkhw", _patches(x, w.shape[2:]), w.astype(np.float64))


def conv_pool(x: Array, w: Array, bias: Array, *, relu: bool) -> tuple[Array, Array]:
    """Pooled output and place of each maximum, 4 where ReLU clipped; windows round up."""
    y = convolution(x, w) + bias[:, None, None].astype(np.float64)
    images, channels, rows, columns = y.shape
    size = (-(-rows // 2), -(-columns // 2))
    padded = np.full((images, channels, 2 * size[0], 2 * size[1]), -np.inf)
    padded[:, :, :rows, :columns] = y
    windows = padded.reshape(images, channels, size[0], 2, size[1], 2).transpose(0, 1, 2, 4, 3, 5)
    windows = windows.reshape(images, channels, *size, 4)
    place = windows.argmax(axis=-1)
    pooled = windows.max(axis=-1)
    if relu:
        place = np.where(pooled > 0, place, 4)
        pooled = np.maximum(pooled, 0)
    return pooled, place


def unpool(dy: Array, place: Array, rows: int, columns: int) -> Array:
    """Gradient of the convolution's output: dy (N, K, P, Q) at its place, 0 elsewhere."""
    images, channels, height, breadth = dy.shape
    full = np.zeros((images, channels, 2 * height, 2 * breadth))
    for n, k, p, q in np.ndindex(dy.shape):
        if place[n, k, p, q] < 4:
            down, right = divmod(int(place[n, k, p, q]), 2)
            full[n, k, 2 * p + down, 2 * q + right] = dy[n, k, p, q]
    return full[:, :, :rows, :columns]


def weight_gradient(x: Array, full: Array, kernel: tuple[int, int]) -> Array:
    """(K, C, R, S) from x (N, C, H, W) and the gradient `full` of the convolution's output."""
    return np.einsum("nkhw,nchwij->kcij", full, _patches(x, kernel))


def image_gradient(w: Array, full: Array) -> Array:
    """(N, C, H, W) from w (K, C, R, S) and the gradient `full` of the convolution's output."""
    rows, columns = w.shape[2] - 1, w.shape[3] - 1
    padded = np.pad(full, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    turned = w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    return convolution(padded, turned)
