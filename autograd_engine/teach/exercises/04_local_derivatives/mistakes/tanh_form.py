"""Local derivatives: each operation knows only its own slope."""

import math


def d_add(a, b):
    """The slopes of a + b along a and along b."""
    return 1.0, 1.0


def d_sub(a, b):
    """The slopes of a - b along a and along b."""
    return 1.0, -1.0


def d_mul(a, b):
    """The slopes of a * b along a and along b."""
    return b, a


def d_div(a, b):
    """The slopes of a / b along a and along b."""
    return 1 / b, -a / b**2


def d_neg(x):
    """The slope of -x."""
    return -1.0


def d_pow(x, k):
    """The slope of x ** k along x."""
    return k * x ** (k - 1)


def d_exp(x):
    """The slope of e^x."""
    return math.exp(x)


def d_log(x):
    """The slope of the natural logarithm."""
    return 1 / x


def d_tanh(x):
    """The slope of the hyperbolic tangent."""
    return 1 - x**2


def d_sigmoid(x):
    """The slope of 1 / (1 + e^-x)."""
    s = sigmoid(x)
    return s * (1 - s)


def d_softplus(x):
    """The slope of log(1 + e^x)."""
    return sigmoid(x)


def d_relu(x):
    """The slope of max(0, x)."""
    return 1.0 if x > 0 else 0.0


def d_leaky(x):
    """The slope of x where x is positive, and of 0.1 x elsewhere."""
    return 1.0 if x > 0 else 0.1


def d_abs(x):
    """The slope of the absolute value."""
    return (x > 0) - (x < 0)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))
