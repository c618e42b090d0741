"""What stands at kinks, at poles, outside domains and beyond the range: one table.

IEEE 754 says what the numbers are, PyTorch what the derivatives at kinks are. Nothing here raises,
nothing becomes complex, and everything is a float.
"""

import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

import autograd_engine as ag
from autograd_engine import Value, primitives
from autograd_engine.rules import flatten

inf, nan = math.inf, math.nan


class Convention(NamedTuple):
    """The value of a function at a point, and its partials.

    `torch` is how PyTorch spells it, None where it has no such function; `torch_differs` says
    what it gives instead, where something else is right.
    """

    name: str
    function: Callable[..., Any]
    operands: tuple[Any, ...]
    value: float
    partials: tuple[float, ...]
    torch: str | None = None
    torch_differs: str = ""


def _tanh_gelu(x: Any) -> Any:
    return ag.gelu(x, approximate="tanh")


_SELU_AT_0 = 1.0507009873554805 * 1.6732632423543772

# Operators of Python on plain floats are Python's own: here they are reached by their primitives.
add, sub, mul, div = (primitives.TABLE[name] for name in "+-*/")


def _rows() -> list[Convention]:
    c = Convention
    one = [
        # kinks
        c("relu at 0", ag.relu, (0.0,), 0.0, (0.0,), "relu"),
        c("relu at -0", ag.relu, (-0.0,), 0.0, (0.0,), "relu"),
        c("relu of nan", ag.relu, (nan,), nan, (1.0,), "relu"),
        c("relu of inf", ag.relu, (inf,), inf, (1.0,), "relu"),
        c("relu of -inf", ag.relu, (-inf,), 0.0, (0.0,), "relu"),
        c("abs at 0", ag.abs, (0.0,), 0.0, (0.0,), "abs"),
        c("abs at -0", ag.abs, (-0.0,), 0.0, (0.0,), "abs"),
        c("abs of nan", ag.abs, (nan,), nan, (nan,), "abs", "0: sign(nan) is 0 there"),
        c("sign at 0", ag.sign, (0.0,), 0.0, (0.0,), "sign"),
        c("sign of nan", ag.sign, (nan,), nan, (0.0,), "sign", "the value is 0"),
        c("step at 0", ag.step, (0.0,), 1.0, (0.0,)),
        c("step of nan", ag.step, (nan,), nan, (0.0,)),
        c("leaky_relu at 0", ag.leaky_relu, (0.0, 0.01), 0.0, (0.01, 0.0), "leaky_relu"),
        c("prelu at 0", ag.leaky_relu, (0.0, 0.25), 0.0, (0.25, 0.0), "leaky_relu"),
        c("leaky_relu of nan", ag.leaky_relu, (nan, 0.1), nan, (0.1, nan), "leaky_relu"),
        c("elu at 0", ag.elu, (0.0, 1.5), 0.0, (1.5, 0.0), "elu"),
        c("elu far below", ag.elu, (-inf, 1.5), -1.5, (0.0, -1.0), "elu"),
        c("elu far above", ag.elu, (1000.0, 1.5), 1000.0, (1.0, 0.0), "elu"),
        c("celu at 0", ag.celu, (0.0,), 0.0, (1.0,), "celu"),
        c("celu far above", ag.celu, (1000.0,), 1000.0, (1.0,), "celu"),
        c("selu at 0", ag.selu, (0.0,), 0.0, (_SELU_AT_0,), "selu"),
        c("selu far above", ag.selu, (1e308,), 1.0507009873554805e308, (1.0507009873554805,)),
        c("hardtanh at 1", ag.hardtanh, (1.0,), 1.0, (0.0,), "hardtanh"),
        c("hardtanh at -1", ag.hardtanh, (-1.0,), -1.0, (0.0,), "hardtanh"),
        c("hardtanh of nan", ag.hardtanh, (nan,), nan, (0.0,), "hardtanh", "the derivative is 1"),
        c("relu6 at 0", ag.relu6, (0.0,), 0.0, (0.0,), "relu6"),
        c("relu6 at 6", ag.relu6, (6.0,), 6.0, (0.0,), "relu6"),
        c("relu6 of nan", ag.relu6, (nan,), nan, (0.0,), "relu6", "the derivative is 1"),
        c("softsign at 0", ag.softsign, (0.0,), 0.0, (1.0,), "softsign"),
        # poles, and beyond the domain
        c("log at 0", ag.log, (0.0,), -inf, (inf,), "log"),
        c("log below 0", ag.log, (-1.0,), nan, (-1.0,), "log"),
        c("log of inf", ag.log, (inf,), inf, (0.0,), "log"),
        c("log2 at 0", ag.log2, (0.0,), -inf, (inf,), "log2"),
        c("log2 below 0", ag.log2, (-2.0,), nan, (-0.5 / math.log(2.0),), "log2"),
        c("log10 at 0", ag.log10, (0.0,), -inf, (inf,), "log10"),
        c("log1p at -1", ag.log1p, (-1.0,), -inf, (inf,), "log1p"),
        c("log1p below -1", ag.log1p, (-3.0,), nan, (-0.5,), "log1p"),
        c("sqrt at 0", ag.sqrt, (0.0,), 0.0, (inf,), "sqrt"),
        c("sqrt below 0", ag.sqrt, (-1.0,), nan, (nan,), "sqrt"),
        c("cbrt at 0", ag.cbrt, (0.0,), 0.0, (inf,)),
        c("cbrt below 0", ag.cbrt, (-8.0,), -2.0, (1.0 / 12.0,)),
        c("reciprocal at 0", ag.reciprocal, (0.0,), inf, (-inf,), "reciprocal"),
        c("reciprocal at -0", ag.reciprocal, (-0.0,), -inf, (-inf,), "reciprocal"),
        c("reciprocal of inf", ag.reciprocal, (inf,), 0.0, (0.0,), "reciprocal"),
        c("asin at 1", ag.asin, (1.0,), math.pi / 2, (inf,), "asin"),
        c("asin at -1", ag.asin, (-1.0,), -math.pi / 2, (inf,), "asin"),
        c("asin beyond 1", ag.asin, (2.0,), nan, (nan,), "asin"),
        c("acos at 1", ag.acos, (1.0,), 0.0, (-inf,), "acos"),
        c("acos at -1", ag.acos, (-1.0,), math.pi, (-inf,), "acos"),
        c("acos beyond 1", ag.acos, (-2.0,), nan, (nan,), "acos"),
        c("acosh at 1", ag.acosh, (1.0,), 0.0, (inf,), "acosh"),
        c("acosh below 1", ag.acosh, (0.5,), nan, (nan,), "acosh"),
        c("acosh below -1", ag.acosh, (-2.0,), nan, (nan,), "acosh", "a finite derivative"),
        c("atanh at 1", ag.atanh, (1.0,), inf, (inf,), "atanh"),
        c("atanh at -1", ag.atanh, (-1.0,), -inf, (inf,), "atanh"),
        c("atanh beyond 1", ag.atanh, (2.0,), nan, (-1.0 / 3.0,), "atanh"),
        c("sin of inf", ag.sin, (inf,), nan, (nan,), "sin"),
        c("cos of -inf", ag.cos, (-inf,), nan, (nan,), "cos"),
        c("tan of inf", ag.tan, (inf,), nan, (nan,), "tan"),
        c("atan of inf", ag.atan, (inf,), math.pi / 2, (0.0,), "atan"),
        c("tanh of -inf", ag.tanh, (-inf,), -1.0, (0.0,), "tanh"),
        # beyond the range
        c("exp too large", ag.exp, (1000.0,), inf, (inf,), "exp"),
        c("exp too small", ag.exp, (-1000.0,), 0.0, (0.0,), "exp"),
        c("exp of -inf", ag.exp, (-inf,), 0.0, (0.0,), "exp"),
        c("exp of inf", ag.exp, (inf,), inf, (inf,), "exp"),
        c("exp of nan", ag.exp, (nan,), nan, (nan,), "exp"),
        c("expm1 too large", ag.expm1, (1000.0,), inf, (inf,), "expm1"),
        c("exp2 too large", ag.exp2, (2000.0,), inf, (inf,), "exp2"),
        c("sinh too small", ag.sinh, (-1000.0,), -inf, (inf,), "sinh"),
        c("sinh too large", ag.sinh, (1000.0,), inf, (inf,), "sinh"),
        c("cosh too small", ag.cosh, (-1000.0,), inf, (-inf,), "cosh"),
        c("square too large", ag.square, (-1e200,), inf, (-2e200,), "square"),
        c("sigmoid far below", ag.sigmoid, (-1000.0,), 0.0, (0.0,), "sigmoid"),
        c("sigmoid far above", ag.sigmoid, (1000.0,), 1.0, (0.0,), "sigmoid"),
        c("sigmoid of -inf", ag.sigmoid, (-inf,), 0.0, (0.0,), "sigmoid"),
        c("sigmoid of nan", ag.sigmoid, (nan,), nan, (nan,), "sigmoid"),
        c("logsigmoid far below", ag.logsigmoid, (-1000.0,), -1000.0, (1.0,), "logsigmoid"),
        c("softplus far above", ag.softplus, (1000.0,), 1000.0, (1.0,), "softplus"),
        c("softplus far below", ag.softplus, (-1000.0,), 0.0, (0.0,), "softplus"),
        c("softplus of inf", ag.softplus, (inf,), inf, (1.0,), "softplus"),
        c("gelu far below", ag.gelu, (-1e300,), 0.0, (0.0,), "gelu"),
        c("gelu far above", ag.gelu, (1e300,), 1e300, (1.0,), "gelu"),
        c("tanh gelu far below", _tanh_gelu, (-1e300,), 0.0, (0.0,)),
        c("tanh gelu far above", _tanh_gelu, (1e300,), 1e300, (1.0,)),
        c("tanh gelu of nan", _tanh_gelu, (nan,), nan, (nan,)),
        c("silu far below", ag.silu, (-1e300,), 0.0, (0.0,), "silu"),
        c("silu far above", ag.silu, (1e300,), 1e300, (1.0,), "silu"),
        c("mish far below", ag.mish, (-1e300,), 0.0, (0.0,), "mish"),
        c("mish far above", ag.mish, (1e300,), 1e300, (1.0,), "mish"),
    ]
    two = [
        # ties and nan
        c("maximum, a tie", ag.maximum, (2.0, 2.0), 2.0, (0.5, 0.5), "maximum"),
        c("maximum of zeros", ag.maximum, (0.0, -0.0), 0.0, (0.5, 0.5), "maximum"),
        c("maximum of nan", ag.maximum, (nan, 1.0), nan, (0.0, 1.0), "maximum", "1 for both"),
        c("maximum with nan", ag.maximum, (1.0, nan), nan, (0.0, 1.0), "maximum", "1 for both"),
        c("minimum, a tie", ag.minimum, (2.0, 2.0), 2.0, (0.5, 0.5), "minimum"),
        c("minimum of nan", ag.minimum, (nan, 1.0), nan, (0.0, 1.0), "minimum", "1 for both"),
        c("minimum with nan", ag.minimum, (1.0, nan), nan, (0.0, 1.0), "minimum", "1 for both"),
        c("maximum of infs", ag.maximum, (-inf, inf), inf, (0.0, 1.0), "maximum"),
        # powers
        c("0**0", ag.pow, (0.0, 0.0), 1.0, (0.0, 0.0), "pow"),
        c("x**0", ag.pow, (3.0, 0.0), 1.0, (0.0, math.log(3.0)), "pow"),
        c("0**y", ag.pow, (0.0, 2.5), 0.0, (0.0, 0.0), "pow"),
        c("0**1", ag.pow, (0.0, 1.0), 0.0, (1.0, 0.0), "pow"),
        c("0**0.5", ag.pow, (0.0, 0.5), 0.0, (inf, 0.0), "pow"),
        c("0**-1", ag.pow, (0.0, -1.0), inf, (-inf, -inf), "pow"),
        c("(-0)**-1", ag.pow, (-0.0, -1.0), -inf, (-inf, inf), "pow"),
        c("0**-2", ag.pow, (0.0, -2.0), inf, (-inf, -inf), "pow"),
        c("a negative base", ag.pow, (-2.0, 3.0), -8.0, (12.0, nan), "pow"),
        c("a negative base and 0", ag.pow, (-2.0, 0.0), 1.0, (0.0, nan), "pow"),
        c("no real root", ag.pow, (-4.0, 0.5), nan, (nan, nan), "pow"),
        c("no real cube root", ag.pow, (-8.0, 1.0 / 3.0), nan, (nan, nan), "pow"),
        c("a power too large", ag.pow, (1e200, 2.0), inf, (2e200, inf), "pow"),
        c("a power too small", ag.pow, (-1e200, 3.0), -inf, (inf, nan), "pow"),
        c("a negative even power", ag.pow, (-1e200, 2.0), inf, (-2e200, nan), "pow"),
        c("a power of inf", ag.pow, (inf, 2.0), inf, (inf, inf), "pow"),
        c("1**inf", ag.pow, (1.0, inf), 1.0, (inf, 0.0), "pow"),
        # division and multiplication
        c("1/0", div, (1.0, 0.0), inf, (inf, -inf), "div"),
        c("1/-0", div, (1.0, -0.0), -inf, (-inf, -inf), "div"),
        c("-1/0", div, (-1.0, 0.0), -inf, (inf, inf), "div"),
        c("0/0", div, (0.0, 0.0), nan, (inf, nan), "div"),
        c("inf/inf", div, (inf, inf), nan, (0.0, nan), "div"),
        c("a quotient too large", div, (1e300, 1e-300), inf, (1e300, -inf), "div"),
        c("0 inf", mul, (0.0, inf), nan, (inf, 0.0), "mul"),
        c("a product too large", mul, (1e200, -1e200), -inf, (-1e200, 1e200), "mul"),
        c("inf - inf", sub, (inf, inf), nan, (1.0, -1.0), "sub"),
        c("a sum too large", add, (1e308, 1e308), inf, (1.0, 1.0), "add"),
        # points of the plane
        c(
            "hypot at the origin",
            ag.hypot,
            (0.0, 0.0),
            0.0,
            (0.0, 0.0),
            "hypot",
            "nan; its norm has 0",
        ),
        c("hypot of large numbers", ag.hypot, (3e300, 4e300), 5e300, (0.6, 0.8)),
        c("atan2 at the origin", ag.atan2, (0.0, 0.0), 0.0, (nan, nan), "atan2", "0 for both"),
        c("atan2 below the cut", ag.atan2, (-0.0, -1.0), -math.pi, (-1.0, 0.0), "atan2"),
        c("atan2 on the cut", ag.atan2, (0.0, -1.0), math.pi, (-1.0, 0.0), "atan2"),
    ]
    more = [
        c("clamp at the lower", ag.clamp, (-1.0, -1.0, 1.0), -1.0, (0.0, 1.0, 0.0)),
        c("clamp at the upper", ag.clamp, (1.0, -1.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
        c("clamp, bounds crossed", ag.clamp, (0.0, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
        c("clamp without bounds", ag.clamp, (3.0, -inf, inf), 3.0, (1.0, 0.0, 0.0)),
        c("clamp of nan", ag.clamp, (nan, -1.0, 1.0), nan, (0.0, 0.0, 0.0)),
        c("where at -0", ag.where, (-0.0, 1.0, 2.0), 2.0, (0.0, 0.0, 1.0)),
        c("where of nan", ag.where, (nan, 1.0, 2.0), 1.0, (0.0, 1.0, 0.0)),
        c("where, nan not chosen", ag.where, (1.0, 1.0, nan), 1.0, (0.0, 1.0, 0.0)),
        c("sum of nothing", ag.sum, ([],), 0.0, ()),
        c("sum of infs", ag.sum, ([inf, -inf],), nan, (1.0, 1.0)),
        c("sum, a part too large", ag.sum, ([1e308, 1e308, -1e308],), 1e308, (1.0,) * 3),
        c("mean of large numbers", ag.mean, ([1.7e308, 1.7e308],), 1.7e308, (0.5, 0.5)),
        c("prod of nothing", ag.prod, ([],), 1.0, ()),
        c("prod with one 0", ag.prod, ([0.0, 3.0, 4.0],), 0.0, (12.0, 0.0, 0.0)),
        c("prod with two 0s", ag.prod, ([0.0, 3.0, 0.0],), 0.0, (0.0, 0.0, 0.0)),
        c("prod, a part too large", ag.prod, ([1e200, 1e200, 1e-200],), 1e200, (1.0, 1.0, inf)),
        c("dot of nothing", ag.dot, ([], []), 0.0, ()),
        c("dot, 0 inf", ag.dot, ([0.0], [inf]), nan, (inf, 0.0)),
        c("logsumexp of nothing", ag.logsumexp, ([],), -inf, ()),
        c("logsumexp of -infs", ag.logsumexp, ([-inf, -inf],), -inf, (nan, nan)),
        c("logsumexp with -inf", ag.logsumexp, ([-inf, 0.0],), 0.0, (0.0, 1.0)),
        c("logsumexp with inf", ag.logsumexp, ([inf, 0.0],), inf, (nan, nan)),
        c("logsumexp of nan", ag.logsumexp, ([nan, 0.0],), nan, (nan, nan)),
        c("logsumexp far above", ag.logsumexp, ([1e308, -1e308],), 1e308, (1.0, 0.0)),
    ]
    return one + two + more


CONVENTIONS = _rows()


def _same(computed: float, expected: float) -> bool:
    return computed == pytest.approx(expected, rel=1e-14, abs=0.0, nan_ok=True)


@pytest.mark.parametrize("row", CONVENTIONS, ids=lambda row: row.name)
def test_through_values(row: Convention) -> None:
    variables = [[Value(x) for x in o] if isinstance(o, list) else Value(o) for o in row.operands]
    result = row.function(*variables)
    if isinstance(result, Value):  # without an operand there is none
        result.backward()
        assert type(result.data) is float
        assert _same(result.data, row.value)
    for variable, partial in zip(flatten(variables), row.partials, strict=True):
        assert type(variable.grad) is float
        assert _same(variable.grad, partial)


@pytest.mark.parametrize("row", CONVENTIONS, ids=lambda row: row.name)
def test_through_plain_numbers(row: Convention) -> None:
    result = row.function(*row.operands)
    assert type(result) is float
    assert _same(result, row.value)


@pytest.mark.parametrize("row", [row for row in CONVENTIONS if row.torch], ids=lambda row: row.name)
def test_torch_has_the_same_conventions(row: Convention) -> None:
    torch = pytest.importorskip("torch")
    function = getattr(torch.nn.functional, row.torch or "", None) or getattr(torch, row.torch)
    # The slope of leaky_relu and the alpha of elu are settings there.
    count = 1 if row.torch in ("leaky_relu", "elu") else len(row.operands)
    tensors = [
        torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in row.operands[:count]
    ]
    result = function(*tensors, *row.operands[count:])
    result.backward()
    same = _same(result.item(), row.value) and all(
        _same(tensor.grad.item(), partial)
        for tensor, partial in zip(tensors, row.partials, strict=False)
    )
    assert same == (not row.torch_differs)


# --- operators, where Python's own would raise or become complex ---------------------------------

_OPERATORS: list[tuple[str, Callable[[Any], Any], float, float, float]] = [
    ("x**0", lambda x: x**0, 0.0, 1.0, 0.0),
    ("x**0.0 of nan", lambda x: x**0.0, nan, 1.0, 0.0),
    ("x**1", lambda x: x**1, 0.0, 0.0, 1.0),
    ("x**2", lambda x: x**2, 0.0, 0.0, 0.0),
    ("x**0.5 at 0", lambda x: x**0.5, 0.0, 0.0, inf),
    ("x**0.5 below 0", lambda x: x**0.5, -4.0, nan, nan),
    ("x**(1/3) below 0", lambda x: x ** (1 / 3), -8.0, nan, nan),
    ("x**-1", lambda x: x**-1, 0.0, inf, -inf),
    ("x**-2 at -0", lambda x: x**-2, -0.0, inf, inf),
    ("x**2 too large", lambda x: x**2, -1e200, inf, -2e200),
    ("x**3 too small", lambda x: x**3, -1e200, -inf, inf),
    ("0**x at 0", lambda x: 0.0**x, 0.0, 1.0, 0.0),
    ("0**x above 0", lambda x: 0**x, 2.0, 0.0, 0.0),
    ("0**x below 0", lambda x: 0**x, -1.0, inf, -inf),
    ("(-4)**x", lambda x: (-4) ** x, 0.5, nan, nan),
    ("2**x too large", lambda x: 2**x, 2000.0, inf, inf),
    ("1/x", lambda x: 1 / x, 0.0, inf, -inf),
    ("x/0", lambda x: x / 0, 1.0, inf, inf),
    ("x/0 at 0", lambda x: x / 0, 0.0, nan, inf),
    ("x - x at inf", lambda x: x - x, inf, nan, 0.0),
    ("x x", lambda x: x * x, 1e200, inf, 2e200),
    ("abs(x)", abs, 0.0, 0.0, 0.0),
    ("max(x, 0)", lambda x: ag.maximum(x, 0), 0.0, 0.0, 0.5),
    ("x relu", lambda x: x.relu(), 0.0, 0.0, 0.0),
    ("x log", lambda x: x.log(), 0.0, -inf, inf),
    ("x clamp", lambda x: x.clamp(min=0), 0.0, 0.0, 0.0),
    ("x leaky_relu", lambda x: x.leaky_relu(), 0.0, 0.0, 0.01),
    ("x elu", lambda x: x.elu(), 0.0, 0.0, 1.0),
]


@pytest.mark.parametrize(("name", "function", "x", "value", "slope"), _OPERATORS)
def test_operators_and_methods(
    name: str, function: Callable[[Any], Any], x: float, value: float, slope: float
) -> None:
    variable = Value(x)
    result = function(variable)
    result.backward()
    assert type(result.data) is type(variable.grad) is float
    assert _same(result.data, value)
    assert _same(variable.grad, slope)


@pytest.mark.parametrize("number", [3, True, Fraction(1, 2), Decimal("0.25")])
@pytest.mark.parametrize("function", [ag.relu, ag.abs, ag.square, ag.hardtanh, ag.sign, ag.exp])
def test_other_numbers_become_floats(function: Any, number: Any) -> None:
    assert type(function(number)) is float
    variable = Value(number)
    result = function(variable)
    result.backward()
    assert type(variable.data) is type(result.data) is type(variable.grad) is float
    assert result.data == function(float(number))


@pytest.mark.parametrize(
    "result",
    [ag.maximum(2, 3), ag.clamp(5, 0, 1), ag.where(True, 1, 2), ag.sum([1, 2]), ag.pow(2, 3)],
)
def test_results_of_ints_are_floats(result: Any) -> None:
    assert type(result) is float


# --- everything, everywhere ----------------------------------------------------------------------

_AWKWARD = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e308, -1e308, 5e-324, -1e-310]
_SETTINGS: dict[str, list[dict[str, Any]]] = {
    "**n": [{"exponent": n} for n in (0.0, 1.0, 2.0, -1.0, 0.5, -0.5, inf, nan)],
    "celu": [{"alpha": 1.0}, {"alpha": 0.0}],
    "softmax": [{"index": 0}],
    "log_softmax": [{"index": 1}],
}


def _awkward_operands(name: str, primitive: Any) -> list[tuple[Any, ...]]:
    if name in ("sum", "mean", "prod", "logsumexp", "softmax", "log_softmax"):
        return [([x, y],) for x in _AWKWARD for y in _AWKWARD]
    if name == "dot":
        return [([x, 1.0], [y, x]) for x in _AWKWARD for y in _AWKWARD]
    if len(primitive.operands) == 3:
        return list(itertools.product(_AWKWARD[:8], repeat=3))
    return list(itertools.product(_AWKWARD, repeat=len(primitive.operands)))


@pytest.mark.parametrize("name", primitives.TABLE)
def test_no_number_raises(name: str) -> None:
    """Nor does it where derivatives are differentiated again."""
    for given in _SETTINGS.get(name, [{}]):
        primitive = primitives.TABLE[name].bind(**given) if given else primitives.TABLE[name]
        for operands in _awkward_operands(name, primitive):
            value, partials = primitive.evaluate(operands)
            assert all(type(number) is float for number in (value, *flatten(partials)))
            variables = [
                [Value(x) for x in o] if isinstance(o, list) else Value(o) for o in operands
            ]
            result = primitive(*variables)
            assert _same(result.data, value)
            inputs = list(flatten(variables))
            for slope, partial in zip(
                ag.gradient(result, inputs, create_graph=True), flatten(partials), strict=True
            ):
                assert type(slope.data) is float
                assert _same(slope.data, partial)
                assert all(type(second) is float for second in ag.gradient(slope, inputs))
