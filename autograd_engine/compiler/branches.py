"""Derivatives as scalars that stay right: branches of rules are recorded, and not taken.

Where a derivative is to be differentiated again, a rule such as that of relu is read with Values,
and `m.where` takes the branch for the numbers they have. A program is run with other numbers: for
it a comparison becomes a scalar too, which is 1 where it holds and 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from autograd_engine import derivatives, functions, graph, primitives
from autograd_engine.rules import flatten
from autograd_engine.value import Value

__all__ = ["recorded_branches"]


@contextmanager
def recorded_branches() -> Iterator[None]:
    """A block in which derivatives of derivatives record the branches of rules."""
    token = derivatives.partials_as_values.set(_partials)
    try:
        yield
    finally:
        derivatives.partials_as_values.reset(token)


def _partials(node: Value) -> list[Any]:
    """The partials of a node, as Values."""
    assert node.primitive is not None
    _, partials = node.primitive.rule(_MATHEMATICS, *map(_wrapped, graph.operands(node)))
    return [_plain(partial) for partial in flatten(partials)]


class _Scalar:
    """An operand of a rule, which can be compared; a comparison is 1 where it holds, or 0."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __add__(self, other: Any) -> _Scalar:
        return _Scalar(self.value + _plain(other))

    def __radd__(self, other: Any) -> _Scalar:
        return _Scalar(other + self.value)

    def __sub__(self, other: Any) -> _Scalar:
        return _Scalar(self.value - _plain(other))

    def __rsub__(self, other: Any) -> _Scalar:
        return _Scalar(other - self.value)

    def __mul__(self, other: Any) -> _Scalar:
        return _Scalar(self.value * _plain(other))

    def __rmul__(self, other: Any) -> _Scalar:
        return _Scalar(other * self.value)

    def __truediv__(self, other: Any) -> _Scalar:
        return _Scalar(self.value / _plain(other))

    def __rtruediv__(self, other: Any) -> _Scalar:
        return _Scalar(other / self.value)

    def __pow__(self, other: Any) -> _Scalar:
        return _Scalar(self.value ** _plain(other))

    def __rpow__(self, other: Any) -> _Scalar:
        return _Scalar(other**self.value)

    def __neg__(self) -> _Scalar:
        return _Scalar(-self.value)

    def __abs__(self) -> _Scalar:
        return _Scalar(abs(self.value))

    def __ge__(self, other: Any) -> _Scalar:
        return _Scalar(primitives.step(self.value - _plain(other)))

    def __le__(self, other: Any) -> _Scalar:
        return _Scalar(primitives.step(_plain(other) - self.value))

    def __gt__(self, other: Any) -> Any:
        return 1.0 - (self <= other)

    def __lt__(self, other: Any) -> Any:
        return 1.0 - (self >= other)

    def __and__(self, other: Any) -> Any:
        return self * other

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return self + other - self * other

    __ror__ = __or__

    def __bool__(self) -> bool:
        raise TypeError(
            "a rule that is compiled cannot branch on its operands: write "
            "m.where(condition, a, b) in place of if"
        )


def _wrapped(x: Any) -> Any:
    return [_Scalar(y) for y in x] if isinstance(x, (list, tuple)) else _Scalar(x)


def _plain(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return [_plain(y) for y in x]
    return x.value if isinstance(x, _Scalar) else x


def _function(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: _wrapped(function(*map(_plain, operands)))


def _where(condition: Any, if_true: Any, if_false: Any) -> Any:
    if not isinstance(condition, _Scalar):
        return if_true if condition else if_false
    choice = _plain(if_true), _plain(if_false)
    if any(isinstance(x, Value) for x in choice):
        return _Scalar(primitives.where(condition.value, *choice))
    return choice[1] + (choice[0] - choice[1]) * condition


def _equal(x: Any, y: Any) -> Any:
    return (x >= y) & (x <= y)


def _pow_slope(x: Any, y: Any) -> Any:
    is_square = not isinstance(y, _Scalar) and y == 2.0
    return 2.0 * x if is_square else y * x ** (y - 1.0)


_MATHEMATICS = SimpleNamespace(
    **{name: _function(function) for name, function in vars(functions.mathematics).items()}
)
_MATHEMATICS.where = _where
_MATHEMATICS.equal = _equal
_MATHEMATICS.pow_slope = _pow_slope
