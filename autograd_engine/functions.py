"""The functions of the engine: exp, tanh, dot, softmax and the rest.

They take Values and plain numbers alike: of Values they record one node and return it, of numbers
they return a float. Their derivatives are in `primitives`.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

from autograd_engine import floats, primitives
from autograd_engine.convert import as_float
from autograd_engine.value import Value, as_node, record, record_unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol, overload

    from autograd_engine.rules import Primitive
    from autograd_engine.value import Number, Plain

    class Unary(Protocol):
        """A function of one number."""

        __name__: str

        @overload
        def __call__(self, x: Value, /) -> Value: ...
        @overload
        def __call__(self, x: Plain, /) -> float: ...

    class Binary(Protocol):
        """A function of two numbers."""

        __name__: str

        @overload
        def __call__(self, x: Value, y: Number, /) -> Value: ...
        @overload
        def __call__(self, x: Number, y: Value, /) -> Value: ...
        @overload
        def __call__(self, x: Plain, y: Plain, /) -> float: ...

    class OverSequence(Protocol):
        """A function of a sequence of numbers."""

        __name__: str

        @overload
        def __call__(self, xs: Iterable[Value], /) -> Value: ...
        @overload
        def __call__(self, xs: Iterable[Plain], /) -> float: ...
        @overload
        def __call__(self, xs: Iterable[Number], /) -> Value | float: ...


__all__ = [  # noqa: RUF022 - in the order of the table; abs, pow and sum are Python's, see below
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "reciprocal", "square",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "hypot",
    "erf", "erfc", "normal_cdf", "normal_pdf",
    "sign", "step", "sigmoid", "logsigmoid", "softplus", "softsign", "relu", "leaky_relu",
    "elu", "selu", "celu", "gelu", "silu", "mish", "hardtanh", "relu6",
    "maximum", "minimum", "clamp", "where",
    "mean", "prod", "dot", "logsumexp", "softmax", "log_softmax",
]  # fmt: skip


def _unary(primitive: Primitive) -> Unary:
    def function(x: Any, /) -> Any:
        return record_unary(primitive, x) if x.__class__ is Value else primitive(x)

    dressed: Unary = _dressed(function, primitive, "x : Value or number")
    return dressed


def _binary(primitive: Primitive) -> Binary:
    def function(x: Any, y: Any, /) -> Any:
        return primitive(x, y)

    names = ", ".join(primitive.operands)
    dressed: Binary = _dressed(function, primitive, f"{names} : Value or number")
    return dressed


def _over_sequence(primitive: Primitive) -> OverSequence:
    def function(xs: Any, /) -> Any:
        return primitive(_sequence(xs, primitive.name))

    dressed: OverSequence = _dressed(function, primitive, "xs : iterable of Values and numbers")
    return dressed


def _dressed(function: Callable[..., Any], primitive: Primitive, parameters: str) -> Any:
    """The function under the primitive's name, with its documentation in NumPy's form."""
    function.__name__ = function.__qualname__ = primitive.__name__
    summary, heading, examples = (
        (primitive.__doc__ or "").replace("\n    ", "\n").partition("Examples")
    )
    function.__doc__ = (
        f"{summary.rstrip()}\n\nParameters\n----------\n{parameters}\n\n"
        f"Returns\n-------\nValue, or float if no Value is given\n\n{heading}{examples}"
    )
    return function


def _sequence(xs: Any, name: str) -> list[Any]:
    if isinstance(xs, Value) or not hasattr(xs, "__iter__") or isinstance(xs, (str, bytes)):
        raise TypeError(f"{name} takes a sequence of Values and numbers, got {xs!r}")
    return list(xs)


# --- one number ----------------------------------------------------------------------------------

abs = _unary(primitives.abs)
exp = _unary(primitives.exp)
expm1 = _unary(primitives.expm1)
exp2 = _unary(primitives.exp2)
log = _unary(primitives.log)
log1p = _unary(primitives.log1p)
log2 = _unary(primitives.log2)
log10 = _unary(primitives.log10)
sqrt = _unary(primitives.sqrt)
cbrt = _unary(primitives.cbrt)
reciprocal = _unary(primitives.reciprocal)
square = _unary(primitives.square)
sin = _unary(primitives.sin)
cos = _unary(primitives.cos)
tan = _unary(primitives.tan)
asin = _unary(primitives.asin)
acos = _unary(primitives.acos)
atan = _unary(primitives.atan)
sinh = _unary(primitives.sinh)
cosh = _unary(primitives.cosh)
tanh = _unary(primitives.tanh)
sech2 = _unary(primitives.sech2)
asinh = _unary(primitives.asinh)
acosh = _unary(primitives.acosh)
atanh = _unary(primitives.atanh)
erf = _unary(primitives.erf)
erfc = _unary(primitives.erfc)
normal_cdf = _unary(primitives.normal_cdf)
normal_pdf = _unary(primitives.normal_pdf)
sign = _unary(primitives.sign)
step = _unary(primitives.step)
sigmoid = _unary(primitives.sigmoid)
logsigmoid = _unary(primitives.logsigmoid)
softplus = _unary(primitives.softplus)
softsign = _unary(primitives.softsign)
relu = _unary(primitives.relu)
selu = _unary(primitives.selu)
silu = _unary(primitives.silu)
mish = _unary(primitives.mish)
hardtanh = _unary(primitives.hardtanh)
relu6 = _unary(primitives.relu6)


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """x where it is positive, slope times x elsewhere; with a Value as slope, parametric ReLU.

    At 0 the derivative is the slope.

    Parameters
    ----------
    x : Value or number
    slope : Value or number

    Returns
    -------
    Value, or float if no Value is given

    References
    ----------
    Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013.

    Examples
    --------
    >>> leaky_relu(-2.0, 0.1)
    -0.2
    """
    return primitives.leaky_relu(x, slope)


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit: x where it is positive, alpha (exp(x) - 1) elsewhere.

    At 0 the derivative is alpha.

    Parameters
    ----------
    x : Value or number
    alpha : Value or number

    Returns
    -------
    Value, or float if no Value is given

    References
    ----------
    Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by ELUs, 2015.

    Examples
    --------
    >>> elu(-1.0)
    -0.632120558828
    """
    return primitives.elu(x, alpha)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """Continuously differentiable ELU: x where positive, alpha (exp(x/alpha) - 1) elsewhere.

    Parameters
    ----------
    x : Value or number
    alpha : number

    Returns
    -------
    Value, or float if no Value is given

    References
    ----------
    Barron, Continuously differentiable exponential linear units, 2017.

    Examples
    --------
    >>> celu(-1.0)
    -0.632120558828
    """
    return primitives.celu(x, alpha=as_float(alpha, "alpha of celu"))


def gelu(x: Any, approximate: str = "none") -> Any:
    """Gaussian error linear unit, x times the normal distribution's probability below x.

    Parameters
    ----------
    x : Value or number
    approximate : {"none", "tanh"}
        Exact, or by tanh as many models are trained.

    Returns
    -------
    Value, or float if no Value is given

    Raises
    ------
    ValueError
        If `approximate` is something else.

    References
    ----------
    Hendrycks and Gimpel, Gaussian error linear units, 2016.

    Examples
    --------
    >>> gelu(1.0), gelu(1.0, approximate="tanh")
    (0.841344746068, 0.841191990608)
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return primitives.gelu_tanh(x) if approximate == "tanh" else primitives.gelu(x)


# --- several numbers -----------------------------------------------------------------------------

pow = _binary(primitives.pow)
atan2 = _binary(primitives.atan2)
hypot = _binary(primitives.hypot)
maximum = _binary(primitives.maximum)
minimum = _binary(primitives.minimum)


def clamp(x: Any, min: Any = -math.inf, max: Any = math.inf) -> Any:
    """x held between min and max.

    At the corners the derivative with respect to x is 0, and the bound has it.

    Parameters
    ----------
    x, min, max : Value or number

    Returns
    -------
    Value, or float if no Value is given

    Examples
    --------
    >>> clamp(3.0, -1.0, 1.0)
    1.0
    """
    return primitives.clamp(x, min, max)


def where(condition: Any, x: Any, y: Any) -> Any:
    """x if the condition is true (not 0), y otherwise.

    Parameters
    ----------
    condition : Value, number or bool
        Its derivative is 0.
    x, y : Value or number
        Both are computed before one is chosen.

    Returns
    -------
    Value, or float if no Value is given

    Examples
    --------
    >>> where(2.0 > 1.0, 10.0, 20.0)
    10.0
    """
    return primitives.where(condition, x, y)


# --- over sequences ------------------------------------------------------------------------------

sum = _over_sequence(primitives.sum)
prod = _over_sequence(primitives.prod)
logsumexp = _over_sequence(primitives.logsumexp)


def mean(xs: Iterable[Any], /) -> Any:
    """Mean of a sequence, as one node.

    Parameters
    ----------
    xs : iterable of Values and numbers

    Returns
    -------
    Value, or float if no Value is given

    Raises
    ------
    ValueError
        If it is empty.

    Examples
    --------
    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    return primitives.mean(_not_empty(xs, "mean"))


def dot(xs: Iterable[Any], ys: Iterable[Any], /) -> Any:
    """Sum of the products of two sequences, as one node.

    Parameters
    ----------
    xs, ys : iterable of Values and numbers
        Of the same length.

    Returns
    -------
    Value, or float if no Value is given

    Raises
    ------
    ValueError
        If their lengths differ.

    Examples
    --------
    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    left = xs if xs.__class__ is list else _sequence(xs, "dot")
    right = ys if ys.__class__ is list else _sequence(ys, "dot")
    if len(left) != len(right):
        raise ValueError(
            f"dot takes two sequences of the same length, got {len(left)} and {len(right)} numbers"
        )
    if left and left[0].__class__ is Value:
        return record(primitives.dot, (left, right))
    return primitives.dot(left, right)


def softmax(xs: Iterable[Any], /) -> list[Any]:
    """exp(x)/sum(exp(x)) for each x of a sequence, without overflow.

    Parameters
    ----------
    xs : iterable of Values and numbers

    Returns
    -------
    list of Value, or of float if no Value is given

    Raises
    ------
    ValueError
        If the sequence is empty.

    References
    ----------
    Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.

    Examples
    --------
    >>> softmax([1.0, 2.0, 3.0])
    [0.090030573170, 0.244728471054, 0.665240955774]
    """
    return _each(primitives.softmax, xs)


def log_softmax(xs: Iterable[Any], /) -> list[Any]:
    """x - logsumexp(xs) for each x of a sequence, without overflow or cancellation.

    Parameters
    ----------
    xs : iterable of Values and numbers

    Returns
    -------
    list of Value, or of float if no Value is given

    Raises
    ------
    ValueError
        If the sequence is empty.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0])
    [0.0, -1000.0]
    """
    return _each(primitives.log_softmax, xs)


def _not_empty(xs: Any, name: str) -> list[Any]:
    sequence = _sequence(xs, name)
    if not sequence:
        raise ValueError(f"{name} of an empty sequence has no value")
    return sequence


def _each(primitive: Primitive, xs: Any) -> list[Any]:
    sequence = tuple(_not_empty(xs, primitive.name))
    if any(isinstance(x, Value) for x in sequence):
        sequence = tuple(as_node(x, f"an operand of {primitive.name}") for x in sequence)
    return [primitive(sequence, index=index) for index in range(len(sequence))]


# --- the mathematics of Values: the `m` with which primitives give derivatives of derivatives ----


def _choose(condition: Any, if_true: Any, if_false: Any) -> Any:
    return if_true if condition else if_false


def _equal(x: Any, y: Any) -> bool:
    return bool(_data(x) == _data(y))


def _data(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


def _power(x: Any, y: Any) -> Any:
    # As operators write it: x ** 2 has no derivative with respect to 2, which pow(x, 2) has.
    return x**y if isinstance(x, Value) or isinstance(y, Value) else primitives.pow(x, y)


def _saturate(x: Any, bound: float) -> Any:
    return primitives.clamp(x, -bound, bound)


def _pow_slope(x: Any, y: Any) -> Any:
    if floats.one_less_is_exact(_data(x), _data(y)):
        return y * x ** (y - 1.0)
    return y * x**y / x


def _products_of_others(xs: list[Any]) -> list[Any]:
    return [prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]


mathematics = SimpleNamespace(
    **{name: globals()[name] for name in floats.__all__ if name in globals()}
)
mathematics.pow = _power
mathematics.where = _choose  # the branch taken, and not a node: 0 times the other may be nan
mathematics.equal = _equal
mathematics.saturate = _saturate
mathematics.pow_slope = _pow_slope
mathematics.products_of_others = _products_of_others
