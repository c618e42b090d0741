"""Mathematics on arrays: what compiled programs call besides NumPy's own functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = [
    "FUNCTIONS",
    "cbrt",
    "erf",
    "erfc",
    "logsigmoid",
    "normal_cdf",
    "normal_pdf",
    "pow_slope",
    "saturate",
    "sech2",
    "sigmoid",
    "sign",
    "softplus",
    "step",
    "vecdot",
]

Array = Any

erf = np.vectorize(math.erf, otypes=[float])  # NumPy has none
erfc = np.vectorize(math.erfc, otypes=[float])
cbrt = np.cbrt
sign = np.sign


def _vecdot(x: Array, y: Array) -> Array:
    """The products of vectors along the last axis."""
    return np.einsum("...i,...i->...", x, y)


vecdot = getattr(np, "vecdot", _vecdot)  # NumPy has it since 2.0, twice as fast


def zeros(count: int, dtype: str) -> Array:
    """A vector of zeros that starts with a cache line, where arithmetic is fastest."""
    size = np.dtype(dtype).itemsize
    vector = np.zeros(count + _LINE // size, dtype)
    start = -vector.__array_interface__["data"][0] % _LINE // size
    return vector[start : start + count]


_LINE = 64  # bytes


def has_nan_or_inf(vector: Array) -> bool:
    """Whether any of the numbers is no number or infinite."""
    squares = np.dot(vector, vector)  # many times faster, but for squares that overflow
    return not (math.isfinite(squares) or np.isfinite(vector).all())


def step(x: Array) -> Array:
    """1 from zero on, 0 below."""
    return np.heaviside(x, 1.0)


def saturate(x: Array, bound: float) -> Array:
    """x held within ±bound."""
    return np.clip(x, -bound, bound)


def pow_slope(x: Array, y: Array) -> Array:
    """y x**(y - 1)."""
    return y * np.power(x, y - 1.0)


def sech2(x: Array) -> Array:
    """1 - tanh(x)**2, without its cancellation."""
    e = np.exp(-np.abs(x))
    return np.square(2.0 * e / (1.0 + e * e))


def sigmoid(x: Array) -> Array:
    """1/(1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, e) / (1.0 + e)


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), without overflow or cancellation."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def logsigmoid(x: Array) -> Array:
    """log(sigmoid(x)), without underflow."""
    return -softplus(-x)


def normal_cdf(x: Array) -> Array:
    """The probability that a standard normal variable is below x."""
    return 0.5 * erfc(-x / math.sqrt(2.0))


def normal_pdf(x: Array) -> Array:
    """The density of the standard normal distribution."""
    return np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


# How a program calls each function of the mathematics of primitives.
FUNCTIONS: dict[str, str] = {
    **{
        name: f"np.{name}"
        for name in (
            "exp",
            "exp2",
            "expm1",
            "hypot",
            "log",
            "log10",
            "log1p",
            "log2",
            "maximum",
            "minimum",
            "sin",
            "sinh",
            "cos",
            "cosh",
            "tan",
            "tanh",
            "sqrt",
            "cbrt",
            "sign",
        )
    },
    "abs": "np.abs",
    "acos": "np.arccos",
    "acosh": "np.arccosh",
    "asin": "np.arcsin",
    "asinh": "np.arcsinh",
    "atan": "np.arctan",
    "atan2": "np.arctan2",
    "atanh": "np.arctanh",
    "pow": "np.power",
    "where": "np.where",
    **{
        name: name
        for name in (
            "erf",
            "erfc",
            "logsigmoid",
            "normal_cdf",
            "normal_pdf",
            "pow_slope",
            "saturate",
            "sech2",
            "sigmoid",
            "softplus",
            "step",
        )
    },
}
