"""Slow and obvious twins of kernels/updates.py: one weight at a time, in float64."""

import math


def regularised(gradient, w, scale, l2, l1):
    sign = float(w > 0) - float(w < 0)
    return scale * gradient + l2 * w + l1 * sign


def sgd(w, g, rate, history, *, momentum):
    (h,) = history
    h = momentum * h + rate * g
    return w - h, (h,)


def nesterov(w, g, rate, history, *, momentum):
    (old,) = history
    h = momentum * old + rate * g
    return w - ((1 + momentum) * h - momentum * old), (h,)


def adagrad(w, g, rate, history, *, delta):
    (h,) = history
    h += g * g
    return w - rate * g / (math.sqrt(h) + delta), (h,)


def rmsprop(w, g, rate, history, *, rms_decay, delta):
    (h,) = history
    h = rms_decay * h + (1 - rms_decay) * g * g
    return w - rate * g / (math.sqrt(h) + delta), (h,)


def adadelta(w, g, rate, history, *, momentum, delta):
    h, k = history
    h = momentum * h + (1 - momentum) * g * g
    v = g * math.sqrt((k + delta) / (h + delta))
    k = momentum * k + (1 - momentum) * v * v
    return w - rate * v, (h, k)


def adam(w, g, rate, history, *, momentum, momentum2, delta, number):
    h, k = history
    h = momentum * h + (1 - momentum) * g
    k = momentum2 * k + (1 - momentum2) * g * g
    correction = math.sqrt(1 - momentum2**number) / (1 - momentum**number)
    return w - rate * correction * h / (math.sqrt(k) + delta), (h, k)


def adamw(w, g, rate, history, *, momentum, momentum2, delta, number, decay):
    h, k = history
    h = momentum * h + (1 - momentum) * g
    k = momentum2 * k + (1 - momentum2) * g * g
    step = rate / (1 - momentum**number)
    denominator = math.sqrt(k) / math.sqrt(1 - momentum2**number) + delta
    return w * (1 - rate * decay) - step * h / denominator, (h, k)
