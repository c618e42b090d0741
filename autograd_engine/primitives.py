"""The table of primitives: each one's value and partial derivatives, written once.

A rule such as

    @_table
    def tanh(m, x):
        return m.tanh(x), (m.sech2(x),)

returns the value and, for each operand, the partial derivative with respect to it; for an operand
that is a sequence, a sequence of partials. `m` is the mathematics that the operands belong to:
with floats the rule runs the engine, with Values it gives derivatives of derivatives, with
formulas it prints itself, with arrays it runs batches. So a rule is written with operators, with
the functions of `m`, and with `m.where(condition, a, b)` in place of `if`.

Keyword-only arguments of a rule are its settings: constants of the operation, which have no
derivative. The docstrings of the rules are the reference: what stands at kinks, and the source.
"""

from __future__ import annotations

import math

from autograd_engine.rules import Primitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    # A rule runs on floats, Values, arrays and formulas: no narrower type describes them all.
    Mathematics: TypeAlias = Any
    Scalar: TypeAlias = Any
    Scalars: TypeAlias = Sequence[Any]
    Result: TypeAlias = tuple[Any, tuple[Any, ...]]
    Rule: TypeAlias = Callable[..., Result]

_LN_2 = math.log(2.0)
_LOG2_E = 1.0 / math.log(2.0)
_LOG10_E = 1.0 / math.log(10.0)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772

TABLE: dict[str, Primitive] = {}


def _table(rule: Rule) -> Primitive:
    return _named(rule.__name__)(rule)


def _named(name: str) -> Callable[[Rule], Primitive]:
    def enter(rule: Rule) -> Primitive:
        takes_sequences = "xs" in rule.__code__.co_varnames[: rule.__code__.co_argcount]
        TABLE[name] = Primitive(rule, name, takes_sequences=takes_sequences)
        return TABLE[name]

    return enter


# --- arithmetic ----------------------------------------------------------------------------------


@_named("+")
def add(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """Sum of two."""
    return x + y, (1.0, 1.0)


@_named("-")
def sub(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """Difference."""
    return x - y, (1.0, -1.0)


@_named("*")
def mul(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """Product of two."""
    return x * y, (y, x)


@_named("/")
def truediv(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """Quotient.

    At kinks: x/0 is inf, -inf or nan, as IEEE 754 says.
    """
    quotient = x / y
    return quotient, (1.0 / y, -quotient / y)


@_table
def neg(m: Mathematics, x: Scalar) -> Result:
    """Negative."""
    return -x, (-1.0,)


@_named("**")
def pow(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """x to the power y.

    At kinks: 0**0 is 1. d/dx is 0 where y is 0; d/dy is 0 at x = 0 with y >= 0, and nan for
    negative x.
    Source: PyTorch's pow.

    Examples
    --------
    >>> pow(2.0, 10)
    1024.0
    """
    value = m.pow(x, y)
    return value, (
        m.where(m.equal(y, 0.0), 0.0, m.pow_slope(x, y)),
        m.where(m.equal(x, 0.0) & (y >= 0.0), 0.0, value * m.log(x)),
    )


@_named("**n")
def power(m: Mathematics, x: Scalar, *, exponent: float) -> Result:
    """x to a power that is a plain number.

    At kinks: x**0 is 1 and its derivative 0, also at 0.
    """
    slope = 0.0 if exponent == 0.0 else m.pow_slope(x, exponent)
    return m.pow(x, exponent), (slope,)


@_table
def abs(m: Mathematics, x: Scalar) -> Result:
    """Absolute value.

    At kinks: 0 at 0.
    Source: PyTorch's abs.

    Examples
    --------
    >>> abs(-2.0)
    2.0
    """
    return m.abs(x), (m.sign(x),)


@_table
def sign(m: Mathematics, x: Scalar) -> Result:
    """-1, 0 or 1.

    At kinks: 0 at 0.

    Examples
    --------
    >>> sign(-2.0)
    -1.0
    """
    return m.sign(x), (0.0,)


@_table
def reciprocal(m: Mathematics, x: Scalar) -> Result:
    """1/x.

    Examples
    --------
    >>> reciprocal(4.0)
    0.25
    """
    y = 1.0 / x
    return y, (-y * y,)


@_table
def square(m: Mathematics, x: Scalar) -> Result:
    """x squared.

    Examples
    --------
    >>> square(3.0)
    9.0
    """
    return x * x, (2.0 * x,)


@_table
def identity(m: Mathematics, x: Scalar) -> Result:
    """x itself, as a new node."""
    return x, (1.0,)


# --- exponentials, logarithms, roots -------------------------------------------------------------


@_table
def exp(m: Mathematics, x: Scalar) -> Result:
    """e to the power x.

    Examples
    --------
    >>> exp(1.0)
    2.718281828459
    """
    y = m.exp(x)
    return y, (y,)


@_table
def expm1(m: Mathematics, x: Scalar) -> Result:
    """exp(x) - 1, exact near 0.

    Examples
    --------
    >>> expm1(1e-20)
    1e-20
    """
    return m.expm1(x), (m.exp(x),)


@_table
def exp2(m: Mathematics, x: Scalar) -> Result:
    """2 to the power x.

    Examples
    --------
    >>> exp2(10.0)
    1024.0
    """
    y = m.exp2(x)
    return y, (y * _LN_2,)


@_table
def log(m: Mathematics, x: Scalar) -> Result:
    """Natural logarithm.

    At kinks: -inf at 0, nan below.

    Examples
    --------
    >>> log(10.0)
    2.302585092994
    """
    return m.log(x), (1.0 / x,)


@_table
def log1p(m: Mathematics, x: Scalar) -> Result:
    """log(1 + x), exact near 0.

    At kinks: -inf at -1, nan below.

    Examples
    --------
    >>> log1p(1e-20)
    1e-20
    """
    return m.log1p(x), (1.0 / (1.0 + x),)


@_table
def log2(m: Mathematics, x: Scalar) -> Result:
    """Logarithm to base 2.

    At kinks: -inf at 0, nan below.

    Examples
    --------
    >>> log2(1024.0)
    10.0
    """
    return m.log2(x), (_LOG2_E / x,)


@_table
def log10(m: Mathematics, x: Scalar) -> Result:
    """Logarithm to base 10.

    At kinks: -inf at 0, nan below.

    Examples
    --------
    >>> log10(1000.0)
    3.0
    """
    return m.log10(x), (_LOG10_E / x,)


@_table
def sqrt(m: Mathematics, x: Scalar) -> Result:
    """Square root.

    At kinks: inf at 0; nan below 0.
    Source: PyTorch's sqrt.

    Examples
    --------
    >>> sqrt(2.0)
    1.414213562373
    """
    y = m.sqrt(x)
    return y, (0.5 / y,)


@_table
def cbrt(m: Mathematics, x: Scalar) -> Result:
    """Cube root, real for negative numbers too.

    At kinks: inf at 0.

    Examples
    --------
    >>> cbrt(-8.0)
    -2.0
    """
    y = m.cbrt(x)
    return y, (1.0 / (3.0 * (y * y)),)


# --- trigonometric and hyperbolic functions ------------------------------------------------------


@_table
def sin(m: Mathematics, x: Scalar) -> Result:
    """Sine of an angle in radians.

    Examples
    --------
    >>> sin(1.0)
    0.841470984807
    """
    return m.sin(x), (m.cos(x),)


@_table
def cos(m: Mathematics, x: Scalar) -> Result:
    """Cosine of an angle in radians.

    Examples
    --------
    >>> cos(0.0)
    1.0
    """
    return m.cos(x), (-m.sin(x),)


@_table
def tan(m: Mathematics, x: Scalar) -> Result:
    """Tangent of an angle in radians.

    Examples
    --------
    >>> tan(0.5)
    0.546302489843
    """
    y = m.tan(x)
    return y, (1.0 + y * y,)


@_table
def asin(m: Mathematics, x: Scalar) -> Result:
    """Arc sine, in radians.

    At kinks: inf at -1 and 1; nan beyond.

    Examples
    --------
    >>> asin(1.0)
    1.570796326794
    """
    return m.asin(x), (1.0 / m.sqrt((1.0 - x) * (1.0 + x)),)


@_table
def acos(m: Mathematics, x: Scalar) -> Result:
    """Arc cosine, in radians.

    At kinks: -inf at -1 and 1; nan beyond.

    Examples
    --------
    >>> acos(0.0)
    1.570796326794
    """
    return m.acos(x), (-1.0 / m.sqrt((1.0 - x) * (1.0 + x)),)


@_table
def atan(m: Mathematics, x: Scalar) -> Result:
    """Arc tangent, in radians.

    Examples
    --------
    >>> atan(1.0)
    0.785398163397
    """
    return m.atan(x), (1.0 / (1.0 + x * x),)


@_table
def atan2(m: Mathematics, y: Scalar, x: Scalar) -> Result:
    """Angle of the point (x, y), in radians.

    At kinks: nan at the origin.

    Examples
    --------
    >>> atan2(1.0, -1.0)
    2.356194490192
    """
    r = m.hypot(x, y)
    return m.atan2(y, x), (x / r / r, -(y / r) / r)


@_table
def sinh(m: Mathematics, x: Scalar) -> Result:
    """Hyperbolic sine.

    Examples
    --------
    >>> sinh(1.0)
    1.175201193643
    """
    return m.sinh(x), (m.cosh(x),)


@_table
def cosh(m: Mathematics, x: Scalar) -> Result:
    """Hyperbolic cosine.

    Examples
    --------
    >>> cosh(0.0)
    1.0
    """
    return m.cosh(x), (m.sinh(x),)


@_table
def tanh(m: Mathematics, x: Scalar) -> Result:
    """Hyperbolic tangent, (exp(2x) - 1)/(exp(2x) + 1).

    Examples
    --------
    >>> tanh(0.5)
    0.462117157260
    """
    return m.tanh(x), (m.sech2(x),)


@_table
def sech2(m: Mathematics, x: Scalar) -> Result:
    """1 - tanh(x)**2, exact where tanh is close to 1.

    Examples
    --------
    >>> sech2(0.5)
    0.786447732965
    """
    y = m.sech2(x)
    return y, (-2.0 * m.tanh(x) * y,)


@_table
def asinh(m: Mathematics, x: Scalar) -> Result:
    """Inverse hyperbolic sine.

    Examples
    --------
    >>> asinh(1.0)
    0.881373587019
    """
    return m.asinh(x), (1.0 / m.hypot(1.0, x),)


@_table
def acosh(m: Mathematics, x: Scalar) -> Result:
    """Inverse hyperbolic cosine.

    At kinks: inf at 1; nan below.

    Examples
    --------
    >>> acosh(2.0)
    1.316957896924
    """
    return m.acosh(x), (1.0 / (m.sqrt(x - 1.0) * m.sqrt(x + 1.0)),)


@_table
def atanh(m: Mathematics, x: Scalar) -> Result:
    """Inverse hyperbolic tangent.

    At kinks: inf at -1 and 1; nan beyond.

    Examples
    --------
    >>> atanh(0.5)
    0.549306144334
    """
    return m.atanh(x), (1.0 / ((1.0 - x) * (1.0 + x)),)


@_table
def hypot(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """Distance of the point (x, y) from the origin, sqrt(x**2 + y**2) without overflow.

    At kinks: (0, 0) at the origin.
    Source: PyTorch's norm.

    Examples
    --------
    >>> hypot(3.0, 4.0)
    5.0
    """
    r = m.hypot(x, y)
    return r, (
        m.where(m.equal(r, 0.0), 0.0, x / r),
        m.where(m.equal(r, 0.0), 0.0, y / r),
    )


# --- the normal distribution ---------------------------------------------------------------------


@_table
def erf(m: Mathematics, x: Scalar) -> Result:
    """Error function.

    Examples
    --------
    >>> erf(0.5)
    0.520499877813
    """
    return m.erf(x), (_TWO_OVER_SQRT_PI * m.exp(-(x * x)),)


@_table
def erfc(m: Mathematics, x: Scalar) -> Result:
    """Complementary error function, 1 - erf(x) without cancellation.

    Examples
    --------
    >>> erfc(10.0)
    2.088487583762e-45
    """
    return m.erfc(x), (-_TWO_OVER_SQRT_PI * m.exp(-(x * x)),)


@_table
def normal_cdf(m: Mathematics, x: Scalar) -> Result:
    """Probability that a standard normal variable is below x.

    Examples
    --------
    >>> normal_cdf(0.0)
    0.5
    """
    return m.normal_cdf(x), (m.normal_pdf(x),)


@_table
def normal_pdf(m: Mathematics, x: Scalar) -> Result:
    """Density of the standard normal distribution, exp(-x**2/2)/sqrt(2 pi).

    Examples
    --------
    >>> normal_pdf(0.0)
    0.398942280401
    """
    y = m.normal_pdf(x)
    return y, (-x * y,)


# --- activations ---------------------------------------------------------------------------------


@_table
def step(m: Mathematics, x: Scalar) -> Result:
    """1 from 0 on, 0 below.

    At kinks: derivative 0 everywhere.
    Source: McCulloch and Pitts, 1943.

    Examples
    --------
    >>> step(0.0)
    1.0
    """
    return m.step(x), (0.0,)


@_table
def sigmoid(m: Mathematics, x: Scalar) -> Result:
    """Logistic function, 1/(1 + exp(-x)).

    Examples
    --------
    >>> sigmoid(1.0)
    0.731058578630
    """
    y = m.sigmoid(x)
    return y, (y * m.sigmoid(-x),)


@_table
def logsigmoid(m: Mathematics, x: Scalar) -> Result:
    """log(sigmoid(x)), without underflow.

    Examples
    --------
    >>> logsigmoid(-800.0)
    -800.0
    """
    return m.logsigmoid(x), (m.sigmoid(-x),)


@_table
def softplus(m: Mathematics, x: Scalar) -> Result:
    """log(1 + exp(x)), without overflow.

    Source: Dugas et al., Incorporating second-order functional knowledge, 2001.

    Examples
    --------
    >>> softplus(-50.0)
    1.928749847963e-22
    """
    return m.softplus(x), (m.sigmoid(x),)


@_table
def softsign(m: Mathematics, x: Scalar) -> Result:
    """x/(1 + abs(x)).

    Source: Turian, Bergstra and Bengio, 2009.

    Examples
    --------
    >>> softsign(1.0)
    0.5
    """
    scale = 1.0 + m.abs(x)
    return x / scale, (1.0 / scale / scale,)


@_table
def relu(m: Mathematics, x: Scalar) -> Result:
    """Rectified linear unit, the positive part of x.

    At kinks: derivative 0 at 0; nan gives nan.
    Source: Nair and Hinton, Rectified linear units, 2010; slope at 0 as PyTorch.

    Examples
    --------
    >>> relu(-2.0)
    0.0
    """
    return m.where(x <= 0.0, 0.0, x), (m.where(x <= 0.0, 0.0, 1.0),)


@_table
def leaky_relu(m: Mathematics, x: Scalar, slope: Scalar) -> Result:
    """x where it is positive, slope times x elsewhere; with a Value as slope, parametric ReLU.

    At kinks: derivative = slope at 0.
    Source: Maas, Hannun and Ng, Rectifier nonlinearities, 2013; PyTorch's leaky_relu.

    Examples
    --------
    >>> leaky_relu(-2.0, 0.1)
    -0.2
    """
    return m.where(x > 0.0, x, slope * x), (
        m.where(x > 0.0, 1.0, slope),
        m.where(x > 0.0, 0.0, x),
    )


@_table
def elu(m: Mathematics, x: Scalar, alpha: Scalar) -> Result:
    """Exponential linear unit: x where it is positive, alpha (exp(x) - 1) elsewhere.

    At kinks: derivative = alpha at 0.
    Source: Clevert, Unterthiner and Hochreiter, ELUs, 2015; PyTorch's elu.

    Examples
    --------
    >>> elu(-1.0)
    -0.632120558828
    """
    return m.where(x > 0.0, x, alpha * m.expm1(x)), (
        m.where(x > 0.0, 1.0, alpha * m.exp(x)),
        m.where(x > 0.0, 0.0, m.expm1(x)),
    )


@_table
def selu(m: Mathematics, x: Scalar) -> Result:
    """Scaled exponential linear unit, scale elu(x, alpha) with the constants of the paper.

    At kinks: derivative = scale alpha = 1.7580993408473766 at 0.
    Source: Klambauer et al., Self-normalizing neural networks, 2017.

    Examples
    --------
    >>> selu(1.0)
    1.050700987355
    """
    return m.where(x > 0.0, _SELU_SCALE * x, _SELU_SCALE * _SELU_ALPHA * m.expm1(x)), (
        m.where(x > 0.0, _SELU_SCALE, _SELU_SCALE * _SELU_ALPHA * m.exp(x)),
    )


@_table
def celu(m: Mathematics, x: Scalar, *, alpha: float) -> Result:
    """Continuously differentiable ELU: x where positive, alpha (exp(x/alpha) - 1) elsewhere.

    Source: Barron, Continuously differentiable exponential linear units, 2017.

    Examples
    --------
    >>> celu(-1.0)
    -0.632120558828
    """
    return m.where(x > 0.0, x, alpha * m.expm1(x / alpha)), (
        m.where(x > 0.0, 1.0, m.exp(x / alpha)),
    )


@_table
def gelu(m: Mathematics, x: Scalar) -> Result:
    """Gaussian error linear unit, x times the normal distribution's probability below x.

    Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.

    Examples
    --------
    >>> gelu(1.0)
    0.841344746068
    """
    below = m.normal_cdf(x)
    return x * below, (below + x * m.normal_pdf(x),)


@_table
def gelu_tanh(m: Mathematics, x: Scalar) -> Result:
    """The tanh form of gelu, x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3)))/2.

    Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.

    Examples
    --------
    >>> gelu_tanh(1.0)
    0.841191990608
    """
    # (1 + tanh(u))/2 = sigmoid(2u). Beyond 50 the sigmoid is 0 or 1 to the last digit.
    z = m.saturate(x, 50.0)
    u = 2.0 * _SQRT_2_OVER_PI * (z * (1.0 + 0.044715 * (z * z)))
    slope = 2.0 * _SQRT_2_OVER_PI * (1.0 + 3.0 * 0.044715 * (z * z))
    gate = m.sigmoid(u)
    return x * gate, (gate + z * gate * m.sigmoid(-u) * slope,)


@_table
def silu(m: Mathematics, x: Scalar) -> Result:
    """Sigmoid linear unit (swish), x sigmoid(x).

    Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units, 2017.

    Examples
    --------
    >>> silu(1.0)
    0.731058578630
    """
    gate = m.sigmoid(x)
    return x * gate, (gate * (1.0 + x * m.sigmoid(-x)),)


@_table
def mish(m: Mathematics, x: Scalar) -> Result:
    """x tanh(softplus(x)).

    Source: Misra, Mish: a self-regularized activation function, 2019.

    Examples
    --------
    >>> mish(1.0)
    0.865098388267
    """
    s = m.softplus(x)
    return x * m.tanh(s), (m.tanh(s) + x * m.sech2(s) * m.sigmoid(x),)


@_table
def hardtanh(m: Mathematics, x: Scalar) -> Result:
    """x held between -1 and 1.

    At kinks: derivative 0 at -1 and 1.
    Source: Collobert, 2004; PyTorch's hardtanh.

    Examples
    --------
    >>> hardtanh(-3.0)
    -1.0
    """
    return m.minimum(m.maximum(x, -1.0), 1.0), (m.where((x > -1.0) & (x < 1.0), 1.0, 0.0),)


@_table
def relu6(m: Mathematics, x: Scalar) -> Result:
    """x held between 0 and 6.

    At kinks: derivative 0 at 0 and 6.
    Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010; PyTorch's relu6.

    Examples
    --------
    >>> relu6(8.0)
    6.0
    """
    return m.minimum(m.maximum(x, 0.0), 6.0), (m.where((x > 0.0) & (x < 6.0), 1.0, 0.0),)


# --- choices -------------------------------------------------------------------------------------


@_table
def maximum(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """The larger of two.

    At kinks: a tie is split evenly; nan gives nan.
    Source: PyTorch's maximum.

    Examples
    --------
    >>> maximum(2.0, 3.0)
    3.0
    """
    return m.maximum(x, y), (
        m.where(m.equal(x, y), 0.5, m.where(x > y, 1.0, 0.0)),
        m.where(m.equal(x, y), 0.5, m.where(x > y, 0.0, 1.0)),
    )


@_table
def minimum(m: Mathematics, x: Scalar, y: Scalar) -> Result:
    """The smaller of two.

    At kinks: a tie is split evenly; nan gives nan.
    Source: PyTorch's minimum.

    Examples
    --------
    >>> minimum(2.0, 3.0)
    2.0
    """
    return m.minimum(x, y), (
        m.where(m.equal(x, y), 0.5, m.where(x < y, 1.0, 0.0)),
        m.where(m.equal(x, y), 0.5, m.where(x < y, 0.0, 1.0)),
    )


@_table
def clamp(m: Mathematics, x: Scalar, min: Scalar, max: Scalar) -> Result:
    """x held between min and max.

    At kinks: derivative 0 at the corners, where the bound has it.
    Source: PyTorch's clamp.

    Examples
    --------
    >>> clamp(3.0, -1.0, 1.0)
    1.0
    """
    return m.minimum(m.maximum(x, min), max), (
        m.where((min < x) & (x < max), 1.0, 0.0),
        m.where((x <= min) & (min < max), 1.0, 0.0),
        m.where((x >= max) | (min >= max), 1.0, 0.0),
    )


@_table
def where(m: Mathematics, condition: Scalar, x: Scalar, y: Scalar) -> Result:
    """x if the condition is not 0, y otherwise.

    At kinks: the derivative with respect to the condition is 0.

    Examples
    --------
    >>> where(2.0 > 1.0, 10.0, 20.0)
    10.0
    """
    otherwise = m.equal(condition, 0.0)
    return m.where(otherwise, y, x), (
        0.0,
        m.where(otherwise, 0.0, 1.0),
        m.where(otherwise, 1.0, 0.0),
    )


# --- over sequences ------------------------------------------------------------------------------


@_table
def sum(m: Mathematics, xs: Scalars) -> Result:
    """Sum of a sequence, as one node.

    Examples
    --------
    >>> sum([1.0, 2.0, 3.0])
    6.0
    """
    return m.sum(xs), ([1.0] * len(xs),)


@_table
def mean(m: Mathematics, xs: Scalars) -> Result:
    """Mean of a sequence, as one node.

    Examples
    --------
    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    return m.mean(xs), ([1.0 / len(xs)] * len(xs),)


@_table
def prod(m: Mathematics, xs: Scalars) -> Result:
    """Product of a sequence, as one node.

    Examples
    --------
    >>> prod([2.0, 3.0, 4.0])
    24.0
    """
    return m.prod(xs), (m.products_of_others(xs),)


@_table
def dot(m: Mathematics, xs: Scalars, ys: Scalars) -> Result:
    """Sum of the products of two sequences, as one node.

    Examples
    --------
    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    return m.dot(xs, ys), (ys, xs)


@_table
def logsumexp(m: Mathematics, xs: Scalars) -> Result:
    """log of the sum of the exponentials of a sequence, without overflow.

    Examples
    --------
    >>> logsumexp([1000.0, 1000.0])
    1000.693147180559
    """
    return m.logsumexp(xs), (m.softmax(xs),)


@_table
def softmax(m: Mathematics, xs: Scalars, *, index: int) -> Result:
    """One of exp(x)/sum(exp(x)) over a sequence.

    Source: Bridle, Probabilistic interpretation of feedforward classification networks, 1990.

    Examples
    --------
    >>> softmax([1.0, 2.0, 3.0])
    [0.090030573170, 0.244728471054, 0.665240955774]
    """
    p = m.softmax(xs)
    slopes = [-p[index] * other for other in p]
    slopes[index] = p[index] * m.sum([*p[:index], *p[index + 1 :]])
    return p[index], (slopes,)


@_table
def log_softmax(m: Mathematics, xs: Scalars, *, index: int) -> Result:
    """One of x - logsumexp(x) over a sequence.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0])
    [0.0, -1000.0]
    """
    p = m.softmax(xs)
    slopes = [-other for other in p]
    slopes[index] = m.sum([*p[:index], *p[index + 1 :]])
    return m.log_softmax(xs)[index], (slopes,)


# Bound primitives that diagrams call otherwise: x**2 is "**2", the second of a softmax
# "softmax[1]".
power._name_with = lambda settings: f"**{settings['exponent']:.12g}"
for _each in (softmax, log_softmax):
    _each._name_with = lambda settings, name=_each.name: f"{name}[{settings['index']}]"
