"""How primitives are spelled in NumPy: their rules, read with expressions for operands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, TypeAlias

from autograd_engine.compiler.arrays import FUNCTIONS
from autograd_engine.rules import Primitive

__all__ = ["ATOM", "COMPARISON", "PRODUCT", "SIGN", "Expression", "spelled"]

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

    def held(self) -> str:
        """So that it holds together wherever it stands."""
        return _held(self, ATOM)

    def then(self, suffix: str) -> Expression:
        """With an index, an attribute or a call of a method behind it."""
        return Expression(f"{_held(self, ATOM)}{suffix}") if suffix else self


def _text(x: Term) -> str:
    if isinstance(x, Expression):
        return x.text
    if math.isfinite(x):
        return repr(float(x))
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0.0 else "-np.inf"


def _held(x: Term, binding: int) -> str:
    own = x.binding if isinstance(x, Expression) else (SIGN if x < 0 else ATOM)
    return _text(x) if own >= binding else f"({_text(x)})"


def _joined(x: Term, sign: str, y: Term, binding: int) -> Expression:
    if sign == "*" and not isinstance(x, Expression) and x == 1.0:
        return Expression(_text(y), y.binding if isinstance(y, Expression) else ATOM)
    return Expression(f"{_held(x, binding)} {sign} {_held(y, binding + 1)}", binding)


def _call(name: str, *operands: Term) -> Expression:
    return Expression(f"{name}({', '.join(map(_text, operands))})")


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


_MATHEMATICS = SimpleNamespace(
    **{name: _function(spelling) for name, spelling in FUNCTIONS.items()}
)
_MATHEMATICS.where = _where
_MATHEMATICS.equal = _equal

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
    primitive: Primitive, operands: Sequence[str], result: str | None = None
) -> tuple[Expression, list[Term]]:
    """The value and the partial derivatives of a primitive in NumPy.

    Parameters
    ----------
    primitive : Primitive
    operands : sequence of str
        The names of the operands.
    result : str, optional
        The name of the value where it is known, to be used in the partials.

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
    value, partials = primitive.rule(_MATHEMATICS, *map(Expression, operands))
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
