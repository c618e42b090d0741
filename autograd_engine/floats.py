"""Mathematics on floats: the `m` with which primitives run eagerly.

Each function is right to a few units in the last place over the whole float range. Like Python's
`math`, they raise where a result overflows or does not exist; `ieee` turns that into inf and nan.
"""

from __future__ import annotations

import math
import operator
from math import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    hypot,
    log,
    log1p,
    log2,
    log10,
    nan,
    pow,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "dot",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logsigmoid",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "normal_cdf",
    "normal_pdf",
    "pow",
    "pow_slope",
    "prod",
    "products_of_others",
    "saturate",
    "sech2",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "step",
    "sum",
    "tan",
    "tanh",
    "where",
]

_SQRT_2 = math.sqrt(2.0)
_SQRT_2_PI = math.sqrt(2.0 * math.pi)

abs = abs
equal = operator.eq


def where(condition: bool, if_true: float, if_false: float) -> float:
    """The one or the other."""
    return if_true if condition else if_false


def sign(x: float) -> float:
    """-1, 0 or 1; nan for nan."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else nan


def step(x: float) -> float:
    """1 from zero on, 0 below; nan for nan."""
    return 1.0 if x >= 0.0 else 0.0 if x < 0.0 else nan


def maximum(x: float, y: float) -> float:
    """The larger; nan if one is nan."""
    return x + y if x != x or y != y else y if y > x else x


def minimum(x: float, y: float) -> float:
    """The smaller; nan if one is nan."""
    return x + y if x != x or y != y else y if y < x else x


def saturate(x: float, bound: float) -> float:
    """x held within ±bound, for a formula that is constant beyond."""
    return -bound if x < -bound else bound if x > bound else x


def pow_slope(x: float, y: float) -> float:
    """y x**(y - 1), the derivative of a power, also where `y - 1` is not exact."""
    if 0.5 <= y <= 2.0**53 or one_less_is_exact(x, y):
        return y * pow(x, y - 1.0)
    return y * pow(x, y) / x


def one_less_is_exact(x: float, y: float) -> bool:
    """Whether x**(y - 1) is computed as it stands, and not as x**y / x.

    Near 0, y - 1 loses the digits of y, and x**-1 may overflow; beyond 2**53 y - 1 rounds to an
    even number, which gives the power of a negative number the wrong sign.
    """
    if x == 0.0 or math.isinf(x) or math.isinf(y):
        return True
    return -(2.0**53) <= y <= -1.0 or 0.5 <= y <= 2.0**53


def sech2(x: float) -> float:
    """1 - tanh(x)**2, without its cancellation."""
    e = exp(-abs(x))
    sech = 2.0 * e / (1.0 + e * e)
    return sech * sech


def sigmoid(x: float) -> float:
    """1/(1 + exp(-x)), without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow or cancellation."""
    return (x if x > 0.0 else 0.0) + log1p(exp(-abs(x)))


def logsigmoid(x: float) -> float:
    """log(sigmoid(x)), without underflow."""
    return -softplus(-x)


def normal_cdf(x: float) -> float:
    """The probability that a standard normal variable is below x."""
    return 0.5 * erfc(-x / _SQRT_2)


def normal_pdf(x: float) -> float:
    """The density of the standard normal distribution."""
    return exp(-0.5 * x * x) / _SQRT_2_PI


def sum(xs: Sequence[float]) -> float:
    """The sum, rounded once."""
    try:
        return math.fsum(xs)
    except OverflowError:  # a partial sum left the range: sum at a smaller scale
        return _ldexp(math.fsum([math.ldexp(x, -64) for x in xs]), 64)


def mean(xs: Sequence[float]) -> float:
    """The mean, also of numbers whose sum overflows."""
    try:
        return math.fsum(xs) / len(xs)
    except OverflowError:
        return _ldexp(math.fsum([math.ldexp(x, -64) for x in xs]) / len(xs), 64)


def dot(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The sum of the products."""
    try:
        return math.fsum(map(operator.mul, xs, ys))
    except OverflowError:  # a partial sum left the range
        return sum(list(map(operator.mul, xs, ys)))


def prod(xs: Sequence[float]) -> float:
    """The product, also where a partial product overflows."""
    return _ldexp(*_product(xs)[-1])


def products_of_others(xs: Sequence[float]) -> list[float]:
    """For each number, the product of all the others."""
    before = _product(xs)
    after = _product(xs[::-1])[::-1]
    return [
        _ldexp(left * right, low + high)
        for (left, low), (right, high) in zip(before[:-1], after[1:], strict=True)
    ]


def _ldexp(mantissa: float, exponent: int) -> float:
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def _product(xs: Sequence[float]) -> list[tuple[float, int]]:
    """The running products of xs, from 1 on, as (mantissa, exponent)."""
    mantissa, exponent = 1.0, 0
    running = [(mantissa, exponent)]
    for x in xs:
        m, e = math.frexp(x)
        mantissa, carry = math.frexp(mantissa * m)
        exponent += e + carry
        running.append((mantissa, exponent))
    return running


def logsumexp(xs: Sequence[float]) -> float:
    """log(sum(exp(x))), without overflow."""
    if not xs:
        return -math.inf
    largest = max(xs)
    if any(map(math.isnan, xs)):
        return nan
    if math.isinf(largest):
        return largest
    others = list(xs)
    others.remove(largest)
    return largest + log1p(math.fsum([exp(x - largest) for x in others]))


def softmax(xs: Sequence[float]) -> list[float]:
    """exp(x)/sum(exp(x)), without overflow."""
    largest = max(xs)
    weights = [exp(x - largest) for x in xs]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def log_softmax(xs: Sequence[float]) -> list[float]:
    """x - logsumexp(xs), without the cancellation where one x is far above the others."""
    largest = max(xs)
    others = list(xs)
    others.remove(largest)
    rest = log1p(math.fsum([exp(x - largest) for x in others]))
    return [(x - largest) - rest for x in xs]
