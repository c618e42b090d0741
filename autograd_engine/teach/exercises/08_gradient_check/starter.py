"""Gradient check: test derivatives like an engineer."""

import math


def exp(x):
    """Of a Value or of a plain number, as all that follow."""
    return x.exp() if hasattr(x, "exp") else math.exp(x)


def log(x):
    return x.log() if hasattr(x, "log") else math.log(x)


def tanh(x):
    return x.tanh() if hasattr(x, "tanh") else math.tanh(x)


def relu(x):
    return x.relu() if hasattr(x, "relu") else max(0.0, x)


def gradcheck(Value, f, xs):
    """Whether the gradients of f at xs, by the engine of Value, agree with differences of f."""
    raise NotImplementedError


def diagnose(Value):
    """The operation that is broken in an engine, or "backward", or None."""
    raise NotImplementedError
