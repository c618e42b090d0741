"""Mathematics at the edges: what IEEE 754 says where Python raises.

A primitive that raised on plain floats is read again with these: `Float` divides by zero, and the
functions give inf at a pole, nan outside their domain, and inf on overflow.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

from autograd_engine import floats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Float", "mathematics"]


class Float(float):
    """A float whose operators return inf or nan where Python's raise."""

    __slots__ = ()

    def __add__(self, other: float) -> Float:
        return Float(float.__add__(self, other))

    def __sub__(self, other: float) -> Float:
        return Float(float.__sub__(self, other))

    def __rsub__(self, other: float) -> Float:
        return Float(float.__rsub__(self, other))

    def __mul__(self, other: float) -> Float:
        return Float(float.__mul__(self, other))

    __radd__ = __add__
    __rmul__ = __mul__

    def __truediv__(self, other: float) -> Float:
        return _divide(self, other)

    def __rtruediv__(self, other: float) -> Float:
        return _divide(other, self)

    def __pow__(self, other: float, mod: None = None) -> Float:
        return Float(_pow(self, other))

    def __rpow__(self, other: float, mod: None = None) -> Float:
        return Float(_pow(other, self))

    def __neg__(self) -> Float:
        return Float(float.__neg__(self))

    def __pos__(self) -> Float:
        return self

    def __abs__(self) -> Float:
        return Float(float.__abs__(self))


def _divide(x: float, y: float) -> Float:
    if y == 0.0:
        return Float(math.nan if x == 0.0 or x != x else x * math.copysign(math.inf, y))
    return Float(float(x) / float(y))


def _pow(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0.0 and y % 2.0 == 1.0 else math.inf
    except ValueError:  # a negative base without a real power, or 0 to a negative power
        if x != 0.0:
            return math.nan
        return math.copysign(math.inf, x) if y % 2.0 == 1.0 else math.inf


def _pow_slope(x: float, y: float) -> float:
    try:
        return floats.pow_slope(x, y)
    except (ArithmeticError, ValueError):
        if floats.one_less_is_exact(x, y):
            return y * _pow(x, y - 1.0)
        return y * _divide(_pow(x, y), x)


# Where a function has a pole, it is infinite; what else raises has no value.
_POLES = {
    "log": {0.0: -math.inf},
    "log2": {0.0: -math.inf},
    "log10": {0.0: -math.inf},
    "log1p": {-1.0: -math.inf},
    "atanh": {1.0: math.inf, -1.0: -math.inf},
}


def _safe(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    poles = _POLES.get(name, {})

    def safe(*operands: Any) -> Any:
        try:
            value = function(*operands)
        except OverflowError:
            value = math.copysign(math.inf, operands[0]) if name == "sinh" else math.inf
        except ValueError:
            value = poles.get(operands[0], math.nan) if poles else math.nan
        return lift(value)

    return safe


def lift(number: Any) -> Any:
    """A float, or a list of floats, as Float."""
    if isinstance(number, (list, tuple)):
        return type(number)(map(lift, number))
    return Float(number) if isinstance(number, float) else number


_FUNCTIONS = {name: getattr(floats, name) for name in floats.__all__}
_FUNCTIONS |= {"pow": _pow, "pow_slope": _pow_slope}

mathematics = SimpleNamespace(**{name: _safe(name, f) for name, f in _FUNCTIONS.items()})
