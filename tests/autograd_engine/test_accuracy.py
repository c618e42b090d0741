"""Every primitive against mpmath: its value and its partials, over the whole range of floats.

The references are written here a second time, for 60 digits instead of 16, and are themselves
compared with difference quotients. `complaints` is the criterion; the tests that plant errors
(`test_mutations`) read it too.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_engine as ag
from autograd_engine import Value, derivative, floats, formulas, functions, hessian, ieee
from autograd_engine.primitives import TABLE
from autograd_engine.rules import Primitive, flatten

mp = mpmath.mp.clone()  # a context of its own: nobody else's precision is touched
mp.dps = 60

EPSILON = mp.mpf(2) ** -52
SPACING = mp.mpf(2) ** -1074  # between subnormal numbers
OVERFLOW = mp.mpf(2) ** 1024 * (1 - mp.mpf(2) ** -54)  # from here on a number rounds to inf
LARGEST = math.ldexp(1.0 - 2.0**-53, 1024)
TINY = math.ldexp(1.0, -1074)
JUST_ABOVE_1 = 1.0 + 2.0**-52
JUST_BELOW_1 = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Reference:
    """What a primitive has to compute.

    Attributes
    ----------
    value, partials : callable
        Of the operands as mpmath's numbers; the partials come in a row.
    points : list of tuple
        Operands to test at; a list among them is a sequence.
    within : callable
        Whether the operands lie where value and partials exist.
    partials_within : callable
        Whether the partials are asked for as well.
    settings : list of dict
        The keyword-only arguments of the rule.
    units : float
        How many units in the last place are allowed.
    """

    value: Callable[..., Any]
    partials: Callable[..., Any]
    points: list[tuple[Any, ...]]
    within: Callable[..., bool] = lambda *operands, **settings: True
    partials_within: Callable[..., bool] = lambda *operands: True
    settings: tuple[dict[str, Any], ...] = ({},)
    units: float = 4.0

    def exactly(self, operands: tuple[Any, ...], settings: dict[str, Any]) -> list[Any]:
        """The value and the partials in a row."""
        exact = [[mp.mpf(x) for x in o] if isinstance(o, list) else mp.mpf(o) for o in operands]
        numbers = [self.value(*exact, **settings), *self.partials(*exact, **settings)]
        return [mp.mpf(number) for number in numbers]


# --- the criterion -------------------------------------------------------------------------------


def complaints(
    primitive: Primitive, reference: Reference, operands: tuple[Any, ...]
) -> Iterator[str]:
    """What is wrong with a primitive at one point.

    Allowed is the mixed error of numerical analysis: a result may be off by a few units in the
    last place, and by what it moves when its operands are off by as much. Below the smallest
    normal number, a unit is the spacing of subnormal numbers.
    """
    exact = reference.exactly(operands, primitive.settings)
    value, partials = primitive.evaluate(operands)
    computed = [value, *flatten(partials)]
    assert all(type(number) is float for number in computed), (primitive, computed)
    assert len(computed) == len(exact)
    if not reference.partials_within(*operands):
        computed, exact = computed[:1], exact[:1]
    for i, (number, target) in enumerate(zip(computed, exact, strict=True)):
        if _error(number, target) <= _allowed(reference.units, target, 0):
            continue  # the condition number, which is costly, does not matter
        condition = _condition(reference, operands, primitive.settings, i)
        if _error(number, target) > _allowed(reference.units, target, condition):
            what = "the value" if i == 0 else f"partial {i - 1}"
            yield (
                f"{what} of {primitive.name} {primitive.settings or ''} at {operands!r} is "
                f"{number!r}; exact {mp.nstr(target, 20)}, condition {mp.nstr(condition, 3)}"
            )


def _error(computed: float, exact: Any) -> Any:
    if mp.isnan(exact):
        return mp.zero if math.isnan(computed) else mp.inf
    if math.isnan(computed):
        return mp.inf
    if math.isinf(computed):  # right, if the exact number rounds to it, or nearly does
        return max(mp.zero, OVERFLOW - mp.sign(computed) * exact)
    return abs(mp.mpf(computed) - exact)


def _allowed(units: float, exact: Any, condition: Any) -> Any:
    if mp.isnan(exact):
        return mp.zero
    # Two caps. Without the first, sin(1e300) could be anything. And near the smallest numbers a
    # factor is off by half a spacing; it is multiplied by at most the 745 of exp(-745).
    relative = EPSILON * abs(exact) * (1 + min(condition, 2**40))
    return units * (relative + SPACING * (1 + min(condition, 1000)))


def _condition(
    reference: Reference, operands: tuple[Any, ...], settings: dict[str, Any], which: int
) -> Any:
    """The sum of abs(x * d(result)/dx / result) over the operands, by differences."""
    step = mp.mpf(10) ** -20
    result = reference.exactly(operands, settings)[which]
    if result == 0 or not mp.isfinite(result):
        return mp.zero
    total = mp.zero
    moves = zip(_moved(operands, 1 + step), _moved(operands, 1 - step), strict=True)
    for moved_up, moved_down in moves:
        up = reference.exactly(moved_up, settings)[which]
        down = reference.exactly(moved_down, settings)[which]
        if mp.isfinite(up) and mp.isfinite(down):
            total += abs((up - down) / (2 * step * result))
    return total


def _moved(operands: tuple[Any, ...], factor: Any) -> Iterator[tuple[Any, ...]]:
    """The operands, with one number after the other multiplied by a factor."""
    for i, operand in enumerate(operands):
        if isinstance(operand, list):
            for j in range(len(operand)):
                row = [*operand[:j], operand[j] * factor, *operand[j + 1 :]]
                yield (*operands[:i], row, *operands[i + 1 :])
        else:
            yield (*operands[:i], operand * factor, *operands[i + 1 :])


# --- points --------------------------------------------------------------------------------------

_MAGNITUDES = [
    *(TINY, 7 * TINY, 1e-320, 1e-310, 2.2250738585072014e-308, 1e-307, 1e-300, 1e-200, 1e-160),
    *(1e-154, 1e-100, 1e-50, 1e-20, 1e-17, 1e-16, 2.0**-52, 1e-12, 1e-8, 1e-5, 1e-3, 0.01, 0.1),
    *(0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 0.99, 1.0 - 1e-8, 1.0 - 1e-14, JUST_BELOW_1, 1.0),
    *(JUST_ABOVE_1, 1.0 + 1e-14, 1.0 + 1e-8, 1.1, 1.2, 1.5, math.pi / 2, 2.0, 2.5, math.pi),
    *(4.0, 5.0, 5.5, 6.0, 6.5, 7.5, 10.0, 15.0, 19.0, 22.0, 26.5, 27.5, 36.5, 37.5, 38.5, 40.0),
    *(50.0, 100.0, 200.0, 355.0, 372.0, 500.0, 700.0, 708.0, 709.75, 710.4, 711.0, 744.0, 745.0),
    *(746.0, 750.0, 800.0, 1022.5, 1024.0, 1074.0, 1075.5, 1e4, 1e6, 1e10, 1e16, 1e20, 1e50),
    *(1e100, 1.3e154, 1e155, 1e160, 1e200, 1e300, 1e308, LARGEST),
]
LINE = [(sign * x,) for x in _MAGNITUDES for sign in (1.0, -1.0)]

_COARSE = [TINY, 1e-310, 1e-300, 1e-160, 1e-20, 0.3, JUST_BELOW_1, 1.0, 2.0, 3.7, 50.0, 1e20]
_COARSE += [1e160, 1e300, LARGEST]
PLANE = [
    (sign * x, turn * y)
    for x in [0.0, *_COARSE]
    for y in [0.0, *_COARSE]
    for sign, turn in ((1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0))
    if (x or sign > 0) and (y or turn > 0)
]
POWERS = [*PLANE]
POWERS += [
    (x, y)
    for x in (1e-300, 0.01, 0.5, 0.999, JUST_BELOW_1, JUST_ABOVE_1, 1.01, 3.0, 10.0, 1e100)
    for y in (-700.0, -3.0, -1.0, -0.5, -1e-17, 1e-17, 1e-3, 0.4, 0.6, 1.0, 1.5, 2.0, 300.0, 1e4)
]
POWERS += [(x, y) for x in (-1e100, -3.0, -1.0, -0.1) for y in (-3.0, -2.0, 1.0, 2.0, 3.0, 101.0)]

# Slopes and bounds stand beside every number of the line.
WITH_SLOPE = [(*x, slope) for x in LINE for slope in (0.0, 0.01, 0.1, -1.0, 2.0, 1e-200)]
WITH_BOUNDS = [
    (*x, low, high)
    for x in LINE
    for low, high in ((-1.0, 1.0), (0.5, 0.75), (-1e300, -1e-300), (2.0, 1.0), (3.0, 3.0))
]
WITH_CONDITION = [(condition, *x, 3.0) for condition in (0.0, -0.0, TINY, -2.0) for x in LINE]

_drawn = random.Random(20261120)
ROWS: list[tuple[list[float]]] = [
    ([0.5],),
    ([1e308],),
    ([1.0, 2.0, 3.0],),
    ([1000.0, 1000.0],),
    ([1000.0, 1001.0, 1002.0],),
    ([-800.0, 0.0, 800.0],),
    ([1e-300, -1e-300, 1e-310],),
    ([TINY, -3 * TINY, 5 * TINY],),
    ([1e308, 1e308, -1e308, -1e308],),
    ([LARGEST, LARGEST, 1.0],),
    ([1e200, 1e200, 1e-200, 1e-200, 3.0],),
    ([1e-200, 1e-200, 1e200, 1e200, -3.0],),
    ([1e16, 1.0, -1e16, 1e-16],),
    ([-0.5, 0.25, -4.0, 1e-20, 3.0, 7.0],),
    ([-700.0, -745.0, -750.0, -1.0],),
    ([30.0, -30.0, 36.0, -37.0],),
    *(([_drawn.uniform(-20.0, 20.0) for _ in range(n)],) for n in (2, 3, 5, 8)),
    *(([math.ldexp(_drawn.gauss(0, 1), _drawn.randint(-99, 99))] * 2,) for _ in range(3)),
]
WITH_ZERO = [([0.0],), ([0.0, 2.0, 3.0],), ([0.0, 2.0, 0.0],), ([1e200, 0.0, 1e200],)]
PAIRED = [
    (xs, ys)
    for xs, ys in zip(
        [row for (row,) in ROWS], [list(reversed(row)) for (row,) in ROWS], strict=True
    )
    if max(map(abs, xs)) < 1e150  # a product beyond the range makes the sum inf or nan
] + [([3.0, 1e-170, -2.0], [1e-320, 1e-170, 1e300])]


# --- the references: each function once more, for exact numbers ----------------------------------


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


def _erfc(x: Any) -> Any:
    return mp.zero if x > 1e9 else mp.mpf(2) if x < -1e9 else mp.erfc(x)


def _cdf(x: Any) -> Any:
    return _erfc(-x / mp.sqrt(2)) / 2


def _pdf(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _power(x: Any, y: Any) -> Any:
    """x**y, also for negative x and y that is an integer, or an integer moved a little."""
    if y == 0:
        return mp.one
    if x == 0:
        return mp.zero if y > 0 else mp.inf
    sign = -1 if x < 0 and int(mp.nint(y)) % 2 else 1
    return sign * mp.exp(y * mp.log(abs(x)))


def _power_slope(x: Any, y: Any) -> Any:
    return (
        mp.zero
        if y == 0
        else y * (mp.one if y == 1 else _power(x, y) / x if x else _power(x, y - 1))
    )


def _power_slope_of_exponent(x: Any, y: Any) -> Any:
    return mp.nan if x < 0 else mp.zero if x == 0 else _power(x, y) * mp.log(x)


def _is_power(x: float, y: float) -> bool:
    return x > 0.0 or (x == 0.0 and (y == 0.0 or y >= 1.0)) or (x < 0.0 and y == math.floor(y))


def _gate(x: Any) -> Any:
    """The argument of the sigmoid in the tanh form of gelu."""
    return mp.sqrt(8 / mp.pi) * (x + mp.mpf("0.044715") * x**3)


def _gate_slope(x: Any) -> Any:
    return mp.sqrt(8 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * x**2)


def _mish_slope(x: Any) -> Any:
    s = _softplus(x)
    return mp.tanh(s) + x * mp.sech(s) ** 2 * _sigmoid(x)


def _cbrt(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def _tie(x: Any, y: Any) -> Any:
    return mp.mpf(x > y) if x != y else mp.mpf("0.5")


def _logsumexp(xs: list[Any]) -> Any:
    largest = max(xs)  # taken out, so that a small one keeps its 60 digits
    return largest + mp.log1p(mp.fsum(mp.exp(x - largest) for x in xs) - 1)


def _softmax(xs: list[Any]) -> list[Any]:
    total = mp.fsum(mp.exp(x) for x in xs)
    return [mp.exp(x) / total for x in xs]


def _one_less(xs: list[Any], index: int) -> Any:
    """1 - softmax(xs)[index], without cancellation."""
    total = mp.fsum(mp.exp(x) for x in xs)
    return mp.fsum(mp.exp(x) for i, x in enumerate(xs) if i != index) / total


def _log_softmax(xs: list[Any], index: int) -> Any:
    return -mp.log1p(mp.fsum(mp.exp(x - xs[index]) for i, x in enumerate(xs) if i != index))


def _softmax_slopes(xs: list[Any], index: int) -> list[Any]:
    p = _softmax(xs)
    return [p[index] * (_one_less(xs, i) if i == index else -p[i]) for i in range(len(xs))]


def _log_softmax_slopes(xs: list[Any], index: int) -> list[Any]:
    p = _softmax(xs)
    return [_one_less(xs, i) if i == index else -p[i] for i in range(len(xs))]


def _on_line(value: Callable[..., Any], slope: Callable[..., Any], **more: Any) -> Reference:
    return Reference(value, lambda x, **settings: [slope(x, **settings)], LINE, **more)


_SELU_SCALE = mp.mpf("1.0507009873554804934193349852946")
_SELU_ALPHA = mp.mpf("1.6732632423543772848170429916717")
_LN_2, _LN_10 = mp.log(2), mp.log(10)

REFERENCES: dict[str, Reference] = {
    "+": Reference(lambda x, y: x + y, lambda x, y: [1, 1], PLANE),
    "-": Reference(lambda x, y: x - y, lambda x, y: [1, -1], PLANE),
    "*": Reference(lambda x, y: x * y, lambda x, y: [y, x], PLANE),
    "/": Reference(
        lambda x, y: x / y, lambda x, y: [1 / y, -x / y**2], PLANE, lambda x, y: y != 0.0
    ),
    "**": Reference(
        _power,
        lambda x, y: [_power_slope(x, y), _power_slope_of_exponent(x, y)],
        POWERS,
        _is_power,
    ),
    "**n": Reference(
        lambda x, exponent: _power(x, mp.mpf(exponent)),
        lambda x, exponent: [_power_slope(x, mp.mpf(exponent))],
        [(0.0,), *LINE],
        lambda x, exponent: _is_power(x, exponent),
        settings=tuple(
            {"exponent": n}
            for n in (2.0, 3.0, -1.0, 0.5, 0.0, 1.0, -2.0, 1 / 3, -0.5, 1.5, 1e-17, 0.001, 100.0)
        ),
    ),
    "neg": _on_line(lambda x: -x, lambda x: -1),
    "identity": _on_line(lambda x: x, lambda x: 1),
    "abs": _on_line(abs, mp.sign),
    "sign": _on_line(mp.sign, lambda x: 0),
    "step": _on_line(lambda x: x >= 0, lambda x: 0),
    "reciprocal": _on_line(lambda x: 1 / x, lambda x: -1 / x**2, within=bool),
    "square": _on_line(lambda x: x * x, lambda x: 2 * x),
    "exp": _on_line(mp.exp, mp.exp),
    "expm1": _on_line(mp.expm1, mp.exp),
    "exp2": _on_line(
        lambda x: mp.exp(x * _LN_2),
        lambda x: mp.exp(x * _LN_2) * _LN_2,
        partials_within=lambda x: x < 1024.0,  # from there on the value is inf, so it is too
    ),
    "log": _on_line(mp.log, lambda x: 1 / x, within=lambda x: x > 0.0),
    "log1p": _on_line(mp.log1p, lambda x: 1 / (1 + x), within=lambda x: x > -1.0),
    "log2": _on_line(
        lambda x: mp.log(x) / _LN_2, lambda x: 1 / (x * _LN_2), within=lambda x: x > 0.0
    ),
    "log10": _on_line(
        lambda x: mp.log(x) / _LN_10, lambda x: 1 / (x * _LN_10), within=lambda x: x > 0.0
    ),
    "sqrt": _on_line(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), within=lambda x: x > 0.0),
    "cbrt": _on_line(_cbrt, lambda x: 1 / (3 * _cbrt(x) ** 2), within=bool),
    "sin": _on_line(mp.sin, mp.cos),
    "cos": _on_line(mp.cos, lambda x: -mp.sin(x)),
    "tan": _on_line(mp.tan, lambda x: mp.sec(x) ** 2),
    "asin": _on_line(mp.asin, lambda x: 1 / mp.sqrt(1 - x**2), within=lambda x: -1.0 < x < 1.0),
    "acos": _on_line(mp.acos, lambda x: -1 / mp.sqrt(1 - x**2), within=lambda x: -1.0 < x < 1.0),
    "atan": _on_line(
        mp.atan,
        lambda x: 1 / (1 + x**2),
        # Beyond, x*x overflows and the partial is 0 instead of a subnormal number.
        partials_within=lambda x: abs(x) < 1.3e154 or abs(x) > 1e162,
    ),
    "atan2": Reference(
        mp.atan2,
        lambda y, x: [x / (x**2 + y**2), -y / (x**2 + y**2)],
        PLANE,
        # mpmath has no -0, on which the side of the cut depends.
        lambda y, x: bool(x or y) and not (y == 0.0 and math.copysign(1.0, y) < 0.0),
        # Beyond, the radius is inf and the partials are 0 instead of subnormal numbers.
        partials_within=lambda y, x: math.hypot(x, y) < math.inf,
    ),
    "sinh": _on_line(mp.sinh, mp.cosh),
    "cosh": _on_line(mp.cosh, mp.sinh),
    "tanh": _on_line(mp.tanh, lambda x: mp.sech(x) ** 2),
    "sech2": _on_line(lambda x: mp.sech(x) ** 2, lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2),
    "asinh": _on_line(mp.asinh, lambda x: 1 / mp.sqrt(x**2 + 1)),
    "acosh": _on_line(mp.acosh, lambda x: 1 / mp.sqrt(x**2 - 1), within=lambda x: x > 1.0),
    "atanh": _on_line(mp.atanh, lambda x: 1 / (1 - x**2), within=lambda x: -1.0 < x < 1.0),
    "hypot": Reference(
        mp.hypot,
        lambda x, y: [x / (mp.hypot(x, y) or 1), y / (mp.hypot(x, y) or 1)],
        [(0.0, 0.0), *PLANE],
        # Beyond, the radius is inf, or a subnormal number that has lost digits.
        partials_within=lambda x, y: (
            not 0.0 < math.hypot(x, y) < 1e-307 and math.hypot(x, y) < math.inf
        ),
    ),
    "erf": _on_line(mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "erfc": _on_line(_erfc, lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "normal_cdf": _on_line(_cdf, _pdf),
    "normal_pdf": _on_line(_pdf, lambda x: -x * _pdf(x)),
    "sigmoid": _on_line(_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
    "logsigmoid": _on_line(lambda x: -_softplus(-x), lambda x: _sigmoid(-x)),
    "softplus": _on_line(_softplus, _sigmoid),
    "softsign": _on_line(lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "relu": _on_line(lambda x: max(x, 0), lambda x: x > 0),
    "leaky_relu": Reference(
        lambda x, slope: x if x > 0 else slope * x,
        lambda x, slope: [1 if x > 0 else slope, 0 if x > 0 else x],
        WITH_SLOPE,
    ),
    "elu": Reference(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        lambda x, alpha: [1, 0] if x > 0 else [alpha * mp.exp(x), mp.expm1(x)],
        WITH_SLOPE,
        # Beyond, exp(x) is a subnormal number, of which a large alpha shows the lost digits.
        partials_within=lambda x, alpha: x > -700.0 or abs(alpha) < 1e3,
    ),
    "selu": _on_line(
        lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * mp.expm1(x)),
        lambda x: _SELU_SCALE * (1 if x > 0 else _SELU_ALPHA * mp.exp(x)),
    ),
    "celu": _on_line(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x / alpha),
        lambda x, alpha: 1 if x > 0 else mp.exp(x / alpha),
        # A larger alpha would show the digits that x/alpha loses where it is subnormal.
        settings=({"alpha": 1.0}, {"alpha": 0.3}, {"alpha": 4.0}),
    ),
    "gelu": _on_line(lambda x: x * _cdf(x), lambda x: _cdf(x) + x * _pdf(x)),
    "gelu_tanh": _on_line(
        lambda x: x * _sigmoid(_gate(x)),
        lambda x: _sigmoid(_gate(x)) * (1 + x * _sigmoid(-_gate(x)) * _gate_slope(x)),
    ),
    "silu": _on_line(lambda x: x * _sigmoid(x), lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x))),
    "mish": _on_line(lambda x: x * mp.tanh(_softplus(x)), _mish_slope),
    "hardtanh": _on_line(lambda x: min(max(x, -1), 1), lambda x: -1 < x < 1),
    "relu6": _on_line(lambda x: min(max(x, 0), 6), lambda x: 0 < x < 6),
    "maximum": Reference(max, lambda x, y: [_tie(x, y), _tie(y, x)], PLANE),
    "minimum": Reference(min, lambda x, y: [_tie(y, x), _tie(x, y)], PLANE),
    "clamp": Reference(
        lambda x, low, high: min(max(x, low), high),
        lambda x, low, high: [low < x < high, x <= low < high, x >= high or low >= high],
        WITH_BOUNDS,
    ),
    "where": Reference(
        lambda condition, x, y: x if condition else y,
        lambda condition, x, y: [0, condition != 0, condition == 0],
        WITH_CONDITION,
    ),
    "sum": Reference(mp.fsum, lambda xs: [1 for _ in xs], [([],), *ROWS, *WITH_ZERO]),
    "mean": Reference(
        lambda xs: mp.fsum(xs) / len(xs),
        lambda xs: [mp.one / len(xs) for _ in xs],
        [*ROWS, *WITH_ZERO],
    ),
    "prod": Reference(
        mp.fprod,
        lambda xs: [mp.fprod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))],
        [([],), *ROWS, *WITH_ZERO],
    ),
    "dot": Reference(mp.fdot, lambda xs, ys: [*ys, *xs], [([], []), *PAIRED]),
    "logsumexp": Reference(_logsumexp, _softmax, [*ROWS, *WITH_ZERO]),
    "softmax": Reference(
        lambda xs, index: _softmax(xs)[index],
        _softmax_slopes,
        [*ROWS, *WITH_ZERO],
        within=lambda xs, index: index < len(xs),
        settings=({"index": 0}, {"index": 1}),
    ),
    "log_softmax": Reference(
        _log_softmax,
        _log_softmax_slopes,
        [*ROWS, *WITH_ZERO],
        within=lambda xs, index: index < len(xs),
        settings=({"index": 0}, {"index": 1}),
    ),
}


def bound(name: str) -> Iterator[Primitive]:
    """The primitive of the table, or one for each of the settings in its reference."""
    for settings_ in REFERENCES[name].settings:
        yield TABLE[name].bind(**settings_) if settings_ else TABLE[name]


def cases(name: str) -> Iterator[tuple[Primitive, tuple[Any, ...]]]:
    """A primitive with its settings, and the points of its reference where it is defined."""
    reference = REFERENCES[name]
    for primitive in bound(name):
        for operands in reference.points:
            if reference.within(*operands, **primitive.settings):
                yield primitive, operands


# --- first order ---------------------------------------------------------------------------------


def test_every_primitive_has_a_reference() -> None:
    assert set(REFERENCES) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_value_and_partials_over_the_whole_range(name: str) -> None:
    found = [
        complaint
        for primitive, operands in cases(name)
        for complaint in complaints(primitive, REFERENCES[name], operands)
    ]
    assert not found, "\n".join(found[:10])


_EXAMPLES = 30 if settings().max_examples <= 100 else settings().max_examples
_numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-40.0, 40.0),
    st.floats(-1.0, 1.0),
)
_sequences = st.lists(_numbers, min_size=2, max_size=5)
_pairs_of_sequences = st.lists(st.tuples(_numbers, _numbers), max_size=5)


@pytest.mark.parametrize("name", TABLE)
@settings(deadline=None, max_examples=_EXAMPLES)
@given(data=st.data())
def test_value_and_partials_at_drawn_points(name: str, data: st.DataObject) -> None:
    reference = REFERENCES[name]
    if name == "dot":
        pairs = data.draw(_pairs_of_sequences)
        assume(all(abs(x) < 1e150 and abs(y) < 1e150 for x, y in pairs))
        operands: tuple[Any, ...] = ([x for x, _ in pairs], [y for _, y in pairs])
    else:
        kinds = [_sequences if isinstance(o, list) else _numbers for o in reference.points[-1]]
        operands = data.draw(st.tuples(*kinds))
    for primitive in bound(name):
        if reference.within(*operands, **primitive.settings):
            assert not list(complaints(primitive, reference, operands))


# Away from kinks and from the ends of domains; the third number is between bounds and not 0.
_SMOOTH = [-21.3, -7.9, -2.6, -0.83, -0.31, 0.17, 0.62, 1.37, 4.9, 19.3]
_SMOOTH_ROWS = [[0.4, -1.3, 2.1], [3.7, 0.2, -0.6], [1.25]]


def smooth_cases(name: str) -> Iterator[tuple[Primitive, tuple[Any, ...]]]:
    """Points where a primitive can be differentiated as often as one likes."""
    reference = REFERENCES[name]
    kinds = reference.points[-1]
    if isinstance(kinds[0], list):
        points = [(row,) if len(kinds) == 1 else (row, row[::-1]) for row in _SMOOTH_ROWS]
    else:
        third = {"clamp": (-0.5, 0.7), "where": (3.3,)}.get(name, ())
        drawn = 1 if name == "clamp" else min(len(kinds), 2)
        points = [(*p, *third) for p in itertools.product(_SMOOTH, repeat=drawn)]
        points = [p for p in points if len(set(p)) == len(p)]
    for primitive in bound(name):
        for operands in points:
            if reference.within(*operands, **primitive.settings):
                yield primitive, operands


def differences(f: Callable[..., list[Any]], operands: tuple[Any, ...]) -> list[list[Any]]:
    """The derivatives of each result of f with respect to each number, by difference quotients."""
    rows = []
    scalars = [mp.mpf(x) for x in flatten(operands)]
    step = mp.mpf(10) ** -20
    moves = zip(scalars, _moved(operands, 1 + step), _moved(operands, 1 - step), strict=True)
    for x, up, down in moves:
        quotients = zip(f(*up), f(*down), strict=True)
        rows.append([(high - low) / (2 * step * x) for high, low in quotients])
    return [list(column) for column in zip(*rows, strict=True)]


def close(computed: float, exact: Any, relative: float, absolute: float = 1e-300) -> bool:
    if mp.isnan(exact) or math.isnan(computed):
        return bool(mp.isnan(exact)) and math.isnan(computed)
    if abs(exact) >= OVERFLOW:
        return computed == mp.sign(exact) * math.inf
    return bool(abs(computed - exact) <= relative * abs(exact) + absolute)


@pytest.mark.parametrize("name", TABLE)
def test_the_partials_of_the_references_are_derivatives_of_their_values(name: str) -> None:
    reference = REFERENCES[name]
    tested = 0
    with mp.workdps(400):  # so that erf(-21.3) still differs from -1
        for primitive, operands in smooth_cases(name):
            partials = reference.exactly(operands, primitive.settings)[1:]
            (slopes,) = differences(
                lambda *moved, p=primitive: reference.exactly(moved, p.settings)[:1], operands
            )
            for partial, slope in zip(partials, slopes, strict=True):
                if not mp.isnan(partial):  # the exponent of a negative number cannot be moved
                    assert abs(partial - slope) <= mp.mpf("1e-30") * abs(partial), operands
                    tested += 1
    assert tested


# --- second order --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLE)
def test_second_derivatives(name: str) -> None:
    reference = REFERENCES[name]
    tested = 0
    for primitive, operands in smooth_cases(name):
        if name == "**" and operands[0] < 0.0:
            continue  # no derivative with respect to the exponent
        computed = hessian(primitive, argnums=tuple(range(len(operands))))(*operands)
        with mp.workdps(400):
            exact = differences(
                lambda *moved, p=primitive: reference.exactly(moved, p.settings)[1:], operands
            )
        for number, target in zip(_numbers_in(computed), itertools.chain(*exact), strict=True):
            assert close(number, target, 1e-9), (primitive, operands, number, mp.nstr(target))
            tested += 1
    assert tested


def _numbers_in(tree: Any) -> Iterator[float]:
    if isinstance(tree, (list, tuple)):
        for branch in tree:
            yield from _numbers_in(branch)
    else:
        yield tree


_KINKS = {"relu": [0.0], "hardtanh": [-1.0, 1.0], "relu6": [0.0, 6.0], "selu": [0.0], "celu": [0.0]}
_KINKS |= {name: [0.0] for name in ("abs", "sign", "step")}
_FAR = [-1e200, -1e20, -1e5, -800.0, -750.0, -372.0, -40.0, -1e-5, -1e-9, -1e-20, 0.0]
_FAR += [-x for x in reversed(_FAR[:-1])]


@pytest.mark.parametrize(
    "name", [name for name in TABLE if REFERENCES[name].points is LINE and name != "**n"]
)
def test_second_derivatives_far_out_and_close_to_0(name: str) -> None:
    """They are right, and so finite, where a careless formula gives inf - inf or 0 * inf."""
    reference = REFERENCES[name]
    tested = 0
    for primitive in bound(name):
        for x in _FAR:
            if not reference.within(x, **primitive.settings) or x in _KINKS.get(name, []):
                continue
            if name in ("sin", "cos", "tan") and abs(x) > 1e5:
                continue  # difference quotients say nothing there
            computed = derivative(primitive, order=2)(x)
            exact = _second(lambda t, p=primitive: reference.partials(t, **p.settings)[0], x)
            # Close to 0, where many are close to 0 too, the digits of their terms are lost.
            absolute = 1e-15 if abs(x) < 1e-3 else 1e-300
            assert close(computed, exact, 1e-9, absolute), (primitive, x, computed, exact)
            tested += 1
    assert tested


def _second(slope: Callable[[Any], Any], x: float) -> Any:
    with mp.workdps(900):
        step = abs(mp.mpf(x)) * mp.mpf(10) ** -20 or mp.mpf(10) ** -20
        return (slope(x + step) - slope(x - step)) / (2 * step)


# --- numbers that have a name --------------------------------------------------------------------

# Of the issue, and of the courses' slides: function, operands, settings, value, partials (None:
# not given there).
_NAMED: list[tuple[Any, tuple[Any, ...], float, list[float] | None]] = [
    (ag.sigmoid, (0.0,), 0.5, [0.25]),
    (ag.sigmoid, (1.0,), 0.7310585786300049, [0.19661193324148185]),
    (ag.sigmoid, (-1.0,), 0.2689414213699951, [0.19661193324148185]),
    (ag.sigmoid, (5.0,), 0.9933071490757151, [0.006648056670790155]),
    (ag.sigmoid, (10.0,), 0.9999546021312976, [4.5395807735951671e-5]),
    (ag.sigmoid, (37.0,), 1.0, [8.533047625744066e-17]),
    (ag.sigmoid, (1000.0,), 1.0, [0.0]),
    (ag.sigmoid, (-1000.0,), 0.0, [0.0]),
    (ag.sigmoid, (-700.0,), 9.859676543759770e-305, [9.859676543759770e-305]),
    (ag.sigmoid, (-800.0,), 0.0, [0.0]),
    (ag.tanh, (0.5,), 0.46211715726000976, [0.7864477329659274]),
    (ag.tanh, (1.0,), 0.7615941559557649, [0.41997434161402607]),
    (ag.tanh, (0.0,), 0.0, [1.0]),
    (ag.relu, (-2.0,), 0.0, [0.0]),
    (ag.relu, (3.0,), 3.0, [1.0]),
    (ag.relu, (0.0,), 0.0, [0.0]),
    (ag.leaky_relu, (-2.0, 0.1), -0.2, [0.1, -2.0]),
    (ag.leaky_relu, (3.0, 0.1), 3.0, [1.0, 0.0]),
    (ag.leaky_relu, (-2.0, -1.0), 2.0, [-1.0, -2.0]),  # absolute ReLU
    (ag.leaky_relu, (-1.0, 2.0), -2.0, [2.0, -1.0]),  # not max(slope * x, x)
    (ag.step, (-1e-9,), 0.0, [0.0]),
    (ag.step, (0.0,), 1.0, [0.0]),
    (ag.sign, (-2.0,), -1.0, [0.0]),
    (ag.gelu, (1.0,), 0.8413447460685429, [1.0833154705876860]),
    (ag.gelu, (-1.0,), -0.15865525393145705, [-0.08331547058768632]),
    (ag.gelu, (40.0,), 40.0, [1.0]),
    (ag.gelu, (-40.0,), 0.0, [0.0]),
    (lambda x: ag.gelu(x, approximate="tanh"), (1.0,), 0.8411919906082767, None),
    (lambda x: ag.gelu(x, approximate="tanh"), (40.0,), 40.0, [1.0]),
    (lambda x: ag.gelu(x, approximate="tanh"), (-40.0,), 0.0, [0.0]),
    (lambda x: ag.gelu(x, approximate="tanh"), (1e200,), 1e200, [1.0]),
    (lambda x: ag.gelu(x, approximate="tanh"), (-1e200,), 0.0, [0.0]),
    (ag.softplus, (0.0,), 0.6931471805599453, [0.5]),
    (ag.softplus, (1.0,), 1.3132616875182228, [0.7310585786300049]),
    (ag.softplus, (-50.0,), 1.9287498479639178e-22, [1.9287498479639178e-22]),
    (ag.softplus, (1000.0,), 1000.0, [1.0]),
    (ag.hardtanh, (-3.0,), -1.0, [0.0]),
    (ag.hardtanh, (0.4,), 0.4, [1.0]),
    (ag.cos, (0.0,), 1.0, [0.0]),
    (lambda w, x: ag.exp(-((w - x) ** 2) / 4.0), (1.0, 3.0), 0.36787944117144233, None),  # RBF
    (ag.log1p, (1e-20,), 1e-20, [1.0]),
    (ag.log1p, (-1e-20,), -1e-20, [1.0]),
    (ag.expm1, (1e-20,), 1e-20, [1.0]),
    (ag.expm1, (0.0,), 0.0, [1.0]),
    (ag.hypot, (1e300, 1e300), 1.4142135623730951e300, [0.7071067811865475] * 2),
    (ag.hypot, (3e-200, 4e-200), 5e-200, [0.6, 0.8]),
    (ag.pow, (-2.0, 3.0), -8.0, [12.0, math.nan]),
    (ag.pow, (2.0, 10.0), 1024.0, [5120.0, 709.782712893384]),
    (ag.pow, (0.0, 0.0), 1.0, [0.0, 0.0]),
    (ag.pow, (1e-310, 0.001), 0.48977881936844614, [4.897788193684477e306, None]),
    (ag.pow, (-1.0, 1e20), 1.0, [-1e20, math.nan]),
    (lambda x: x**3, (-2.0,), -8.0, [12.0]),
    (lambda x: x**-1, (-4.0,), -0.25, [-0.0625]),
    (lambda x: x**0, (0.0,), 1.0, [0.0]),
    (lambda y: 2.0**y, (10.0,), 1024.0, [709.782712893384]),
    (ag.log_softmax, ([1000.0, 0.0],), 0.0, [0.0, 0.0]),
    (ag.logsumexp, ([1000.0, 1000.0],), 1000.6931471805599, [0.5, 0.5]),
    (ag.logsumexp, ([-1000.0, -1000.0],), -999.3068528194401, [0.5, 0.5]),
]


@pytest.mark.parametrize(("function", "operands", "value", "partials"), _NAMED)
def test_named_numbers(
    function: Any, operands: tuple[Any, ...], value: float, partials: list[float | None] | None
) -> None:
    variables = [[Value(x) for x in o] if isinstance(o, list) else Value(o) for o in operands]
    result = function(*variables)
    result = result[0] if isinstance(result, list) else result
    result.backward()
    assert result.data == pytest.approx(value, rel=1e-15, abs=0.0)
    for variable, partial in zip(flatten(variables), partials or [], strict=bool(partials)):
        if partial is not None:
            assert variable.grad == pytest.approx(partial, rel=4e-15, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize("xs", [[1.0, 2.0, 3.0], [1000.0, 1001.0, 1002.0]])
def test_softmax_of_the_slides(xs: list[float]) -> None:
    p = ag.softmax(xs)
    assert p == pytest.approx(
        [0.09003057317038046, 0.24472847105479764, 0.6652409557748219], rel=1e-15
    )
    assert math.fsum(p) == pytest.approx(1.0, rel=1e-15)
    assert p.index(max(p)) == 2


@given(x=st.floats(-50.0, 50.0))
@settings(deadline=None)
def test_tanh_is_a_sigmoid(x: float) -> None:
    assert ag.tanh(x) == pytest.approx(2.0 * ag.sigmoid(2.0 * x) - 1.0, abs=1e-15)
    assert ag.tanh(-x) == -ag.tanh(x)
    assert ag.sigmoid(-x) == pytest.approx(1.0 - ag.sigmoid(x), abs=1e-15)


# --- the mathematics that rules are written with -------------------------------------------------


@pytest.mark.parametrize("mathematics", [functions, formulas, ieee])
def test_every_mathematics_knows_every_function(mathematics: Any) -> None:
    assert set(vars(mathematics.mathematics)) == set(floats.__all__)


@pytest.mark.parametrize("x", [-3.0, -0.0, 0.0, 1e-310, 0.3, 1.0, 2.5])
@pytest.mark.parametrize("y", [-2.0, -1.0, -0.9, 0.001, 0.4, 1.0, 2.0, 3.0, 2.0**53 + 2.0])
def test_pow_slope_is_the_same_in_every_mathematics(x: float, y: float) -> None:
    eager = ieee.mathematics.pow_slope(x, y)
    recorded = functions.mathematics.pow_slope(Value(x), y).data
    assert recorded == pytest.approx(eager, rel=1e-13, nan_ok=True)
    try:
        assert floats.pow_slope(x, y) == eager
    except (ArithmeticError, ValueError):
        assert not math.isfinite(eager)
    assert formulas.mathematics.pow_slope(formulas.symbol("x"), 3.0).text == "3*x**2"
