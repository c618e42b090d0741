"""How primitives are spelled in NumPy or in Python: their rules, read with expressions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, TypeAlias

from autograd_engine import floats
from autograd_engine.compiler.arrays import FUNCTIONS
from autograd_engine.rules import Primitive

__all__ = [
    "ATOM",
    "COMPARISON",
    "NUMPY",
    "PRODUCT",
    "PYTHON",
    "SIGN",
    "Expression",
    "Term",
    "source_of",
    "spelled",
]

Term: TypeAlias = "Expression | float"

# How tightly an expression holds together.
COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(5)


class Expression:
    """A piece of NumPy source.

    Attributes
    ----------
    text : str
    binding : int
        How tightly it holds together.
    """

    __slots__ = ("binding", "text")

    def __init__(self, text: str, binding: int = ATOM) -> None:
        self.text = text
        self.binding = binding

    def __add__(self, other: Term) -> Expression:
        return _joined(self, "+", other, SUM)

    def __radd__(self, other: Term) -> Expression:
        return _joined(other, "+", self, SUM)

    def __sub__(self, other: Term) -> Expression:
        return _joined(self, "-", other, SUM)

    def __rsub__(self, other: Term) -> Expression:
        return _joined(other, "-", self, SUM)

    def __mul__(self, other: Term) -> Expression:
        return _joined(self, "*", other, PRODUCT)

    def __rmul__(self, other: Term) -> Expression:
        return _joined(other, "*", self, PRODUCT)

    def __matmul__(self, other: Expression) -> Expression:
        return _joined(self, "@", other, PRODUCT)

    def __truediv__(self, other: Term) -> Expression:
        return _joined(self, "/", other, PRODUCT)

    def __rtruediv__(self, other: Term) -> Expression:
        return _joined(other, "/", self, PRODUCT)

    def __pow__(self, other: Term) -> Expression:
        return _call("np.power", self, other)

    def __neg__(self) -> Expression:
        return Expression(f"-{_held(self, PRODUCT)}", SIGN)

    def __abs__(self) -> Expression:
        return _call("np.abs", self)

    def __lt__(self, other: Term) -> Expression:
        return _joined(self, "<", other, COMPARISON)

    def __le__(self, other: Term) -> Expression:
        return _joined(self, "<=", other, COMPARISON)

    def __gt__(self, other: Term) -> Expression:
        return _joined(self, ">", other, COMPARISON)

    def __ge__(self, other: Term) -> Expression:
        return _joined(self, ">=", other, COMPARISON)

    def __and__(self, other: Expression | bool) -> Expression | bool:
        if isinstance(other, bool):
            return self if other else False
        return Expression(f"({self.text}) & ({other.text})", COMPARISON)

    def __or__(self, other: Expression) -> Expression:
        return Expression(f"({self.text}) | ({other.text})", COMPARISON)

    __rand__ = __and__

    def __bool__(self) -> bool:
        raise TypeError(
            f"whether {self.text} holds is another matter for every number: "
            "write m.where(condition, a, b) in the rule instead of if, max or min"
        )

    def held(self) -> str:
        """So that it holds together wherever it stands."""
        return _held(self, ATOM)

    def then(self, suffix: str) -> Expression:
        """With an index, an attribute or a call of a method behind it."""
        return Expression(f"{_held(self, ATOM)}{suffix}") if suffix else self


def source_of(x: Term) -> str:
    """A piece of source, or a number in it."""
    if isinstance(x, Expression):
        return x.text
    if math.isfinite(x):
        return repr(float(x))
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0.0 else "-np.inf"


def _held(x: Term, binding: int) -> str:
    own = x.binding if isinstance(x, Expression) else (SIGN if x < 0 else ATOM)
    return source_of(x) if own >= binding else f"({source_of(x)})"


def _joined(x: Term, sign: str, y: Term, binding: int) -> Expression:
    if sign == "*" and not isinstance(x, Expression) and x == 1.0:
        return Expression(source_of(y), y.binding if isinstance(y, Expression) else ATOM)
    return Expression(f"{_held(x, binding)} {sign} {_held(y, binding + 1)}", binding)


def _call(name: str, *operands: Term) -> Expression:
    return Expression(f"{name}({', '.join(map(source_of, operands))})")


def _function(name: str) -> Callable[..., Expression]:
    return lambda *operands: _call(name, *operands)


def _where(condition: Expression | bool, if_true: Term, if_false: Term) -> Term:
    if isinstance(condition, bool):
        return if_true if condition else if_false
    return _call("np.where", condition, if_true, if_false)


def _equal(x: Term, y: Term) -> Expression | bool:
    if isinstance(x, Expression) or isinstance(y, Expression):
        return _joined(x, "==", y, COMPARISON)
    return x == y


def _choice(condition: Expression | bool, if_true: Term, if_false: Term) -> Term:
    if isinstance(condition, bool):
        return if_true if condition else if_false
    return Expression(f"({source_of(if_true)} if {condition.text} else {source_of(if_false)})")


def _power(x: Term, y: Term) -> Term:
    return x * x if y == 2.0 else _call("pow", x, y)


def _power_slope(x: Term, y: Term) -> Term:
    return 2.0 * x if y == 2.0 else _call("pow_slope", x, y)


NUMPY = SimpleNamespace(**{name: _function(spelling) for name, spelling in FUNCTIONS.items()})
NUMPY.where = _where
NUMPY.equal = _equal
# The functions of `floats` by their own names.
PYTHON = SimpleNamespace(**{name: _function(name) for name in floats.__all__})
PYTHON.where = _choice
PYTHON.equal = _equal
PYTHON.pow = _power
PYTHON.pow_slope = _power_slope

# What an expert would have written for the same; of the value, {1} is its name. The careful forms
# keep digits where an activation is saturated, which no training step needs, and cost an exp.
_IDIOMS = {
    "np.where({0} <= 0.0, 0.0, {0})": ("np.maximum({0}, 0)", ATOM),
    "np.where({0} <= 0.0, 0.0, 1.0)": ("{0} > 0", COMPARISON),
    "np.power({0}, 2.0)": ("np.square({0})", ATOM),
    "pow_slope({0}, 2.0)": ("2.0 * {0}", PRODUCT),
    "sech2({0})": ("1.0 - {1} * {1}", SUM),
    "{1} * sigmoid(-{0})": ("{1} * (1.0 - {1})", PRODUCT),
}


def spelled(
    primitive: Primitive, operands: Sequence[str], result: str | None = None, m: Any = NUMPY
) -> tuple[Expression, list[Term]]:
    """The value and the partial derivatives of a primitive as source.

    Parameters
    ----------
    primitive : Primitive
    operands : sequence of str
        The names of the operands.
    result : str, optional
        The name of the value where it is known, to be used in the partials.
    m : NUMPY or PYTHON
        How it is spelled.

    Returns
    -------
    value : Expression
    partials : list of Expression or float

    Examples
    --------
    >>> from autograd_engine import primitives
    >>> value, (slope,) = spelled(primitives.relu, ["z1"])
    >>> value.text, slope.text
    ('np.maximum(z1, 0)', 'z1 > 0')
    """
    value, partials = primitive.rule(m, *map(Expression, operands))
    if not isinstance(value, Expression):
        value = Expression(repr(value))
    slopes: list[Term] = []
    for partial in partials:
        if isinstance(partial, Expression) and result is not None:
            text = None
            if value.text != operands[0]:
                text = partial.text.replace(f"({value.text})", result).replace(value.text, result)
            if text is not None and text != partial.text:
                partial = Expression(text, ATOM if text == result else partial.binding)
        slopes.append(_idiom(partial, operands[0], result))
    return _idiom(value, operands[0], None), slopes


def _idiom(x: Any, operand: str, result: str | None) -> Any:
    for written, (better, binding) in _IDIOMS.items():
        if "{1}" in better and result is None:
            continue
        if isinstance(x, Expression) and x.text == written.format(operand, result):
            return Expression(better.format(operand, result), binding)
    return x
