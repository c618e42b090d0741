"""A small engine, and 25 versions of it with one bug each, for exercises on testing derivatives.

The bugs are those that are made when such an engine is written: wrong rules, operands the wrong way
round, gradients that are kept or dropped, and wrong orders of the backward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

from autograd_engine.primitives import TABLE

__all__ = ["BUGS", "Engine", "engine"]

# From the result and the operands to the derivatives along the operands.
Slopes: TypeAlias = Callable[..., tuple[float, ...]]


class Engine:
    """A number in a correct engine, from which the others are derived.

    Attributes
    ----------
    data, grad : float
    parents : tuple
    wrong_slopes : mapping
        From operations to what the class uses in place of their right derivatives.
    """

    wrong_slopes: ClassVar[Mapping[str, Slopes]] = {}
    seed: ClassVar[float] = 1.0

    def __init__(self, data: float) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.operation = ""
        self.parents: tuple[Engine, ...] = ()
        self.slopes: tuple[float, ...] = ()

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    @classmethod
    def make(cls, operation: str, *operands: Any) -> Engine:
        """The result of an operation on numbers of this engine, or plain ones."""
        parents = tuple(x if isinstance(x, cls) else cls(x) for x in operands)
        numbers = tuple(parent.data for parent in parents)
        data, slopes = TABLE[operation].evaluate(numbers)
        node = cls(data)
        node.operation, node.parents, node.slopes = operation, parents, slopes
        if operation in cls.wrong_slopes:
            node.slopes = cls.wrong_slopes[operation](data, *numbers)
        return node

    def __add__(self, other: Any) -> Engine:
        return self.make("+", self, other)

    def __radd__(self, other: Any) -> Engine:
        return self.make("+", other, self)

    def __sub__(self, other: Any) -> Engine:
        return self.make("-", self, other)

    def __rsub__(self, other: Any) -> Engine:
        return self.make("-", other, self)

    def __mul__(self, other: Any) -> Engine:
        return self.make("*", self, other)

    def __rmul__(self, other: Any) -> Engine:
        return self.make("*", other, self)

    def __truediv__(self, other: Any) -> Engine:
        return self.make("/", self, other)

    def __rtruediv__(self, other: Any) -> Engine:
        return self.make("/", other, self)

    def __pow__(self, exponent: float) -> Engine:
        return self.make("**", self, exponent)

    def __neg__(self) -> Engine:
        return self.make("neg", self)

    def exp(self) -> Engine:
        """The exponential function."""
        return self.make("exp", self)

    def log(self) -> Engine:
        """The natural logarithm."""
        return self.make("log", self)

    def tanh(self) -> Engine:
        """The hyperbolic tangent."""
        return self.make("tanh", self)

    def relu(self) -> Engine:
        """The positive part."""
        return self.make("relu", self)

    def backward(self) -> None:
        """Add the derivatives of this number to the gradients of its graph."""
        self.grad = self.seed
        for node in self.ordered():
            node.pass_on()

    def ordered(self) -> Iterable[Engine]:
        """All nodes of the graph, each before its parents."""
        return reversed(_topological(self))

    def pass_on(self) -> None:
        """Give the parents what is due to them."""
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad += slope * self.grad


# --- ways to go wrong ----------------------------------------------------------------------------


def _topological(root: Engine) -> list[Engine]:
    order: list[Engine] = []
    visited: set[Engine] = set()
    stack = [(root, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in visited:
            visited.add(node)
            stack.append((node, True))
            stack += [(parent, False) for parent in node.parents]
    return order


def _once_per_path(root: Engine) -> Iterator[Engine]:
    yield root
    for parent in root.parents:
        yield from _once_per_path(parent)


def _preorder(root: Engine) -> list[Engine]:
    order: dict[Engine, None] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node not in order:
            order[node] = None
            stack += reversed(node.parents)
    return list(order)


def _breadth_first(root: Engine) -> list[Engine]:
    order = [root]
    for node in order:
        order += [parent for parent in dict.fromkeys(node.parents) if parent not in order]
    return order


def _overwriting(operation: str) -> dict[str, Any]:
    def pass_on(self: Engine) -> None:
        if self.operation == operation:
            for parent, slope in zip(self.parents, self.slopes, strict=True):
                parent.grad = slope * self.grad
        else:
            Engine.pass_on(self)

    return {"pass_on": pass_on}


def _forgetting_its_own_gradient(operation: str) -> dict[str, Any]:
    def pass_on(self: Engine) -> None:
        if self.operation == operation:
            for parent, slope in zip(self.parents, self.slopes, strict=True):
                parent.grad += slope
        else:
            Engine.pass_on(self)

    return {"pass_on": pass_on}


def _with_slopes(operation: str, slopes: Slopes) -> dict[str, Any]:
    return {"wrong_slopes": {operation: slopes}}


def _equal(self: Engine, other: object) -> bool:
    return isinstance(other, Engine) and self.data == other.data


# From names to where the bug is, and to the members of the class that are replaced for it. What all
# operations share is "backward".
_REPLACED: dict[str, tuple[str, dict[str, Any]]] = {
    "add_first_only": ("+", _with_slopes("+", lambda y, a, b: (1.0, 0.0))),
    "add_overwrites": ("+", _overwriting("+")),
    "add_no_upstream": ("+", _forgetting_its_own_gradient("+")),
    "sub_sign": ("-", _with_slopes("-", lambda y, a, b: (1.0, 1.0))),
    "sub_reflected": ("-", {"__rsub__": Engine.__sub__}),
    "mul_own_factor": ("*", _with_slopes("*", lambda y, a, b: (a, b))),
    "mul_overwrites": ("*", _overwriting("*")),
    "mul_no_upstream": ("*", _forgetting_its_own_gradient("*")),
    "div_no_square": ("/", _with_slopes("/", lambda y, a, b: (1 / b, -a / b))),
    "div_no_minus": ("/", _with_slopes("/", lambda y, a, b: (1 / b, y / b))),
    "div_reflected": ("/", {"__rtruediv__": Engine.__truediv__}),
    "neg_sign": ("neg", _with_slopes("neg", lambda y, x: (1.0,))),
    "pow_no_factor": ("**", _with_slopes("**", lambda y, x, k: (x ** (k - 1), 0.0))),
    "pow_same_exponent": ("**", _with_slopes("**", lambda y, x, k: (k * y, 0.0))),
    "exp_input": ("exp", _with_slopes("exp", lambda y, x: (x,))),
    "log_squared": ("log", _with_slopes("log", lambda y, x: (-1 / x**2,))),
    "tanh_no_square": ("tanh", _with_slopes("tanh", lambda y, x: (1 - y,))),
    "tanh_input": ("tanh", _with_slopes("tanh", lambda y, x: (1 - x**2,))),
    "relu_passes": ("relu", _with_slopes("relu", lambda y, x: (1.0,))),
    "no_seed": ("backward", {"seed": 0.0}),
    "inputs_first": ("backward", {"ordered": _topological}),
    "once_per_path": ("backward", {"ordered": _once_per_path}),
    "preorder": ("backward", {"ordered": _preorder}),
    "breadth_first": ("backward", {"ordered": _breadth_first}),
    "equal_numbers": (
        "backward",
        {"__eq__": _equal, "__hash__": lambda self: hash(self.data)},
    ),
}

BUGS: Mapping[str, str] = {bug: where for bug, (where, _) in _REPLACED.items()}


def engine(bug: str = "") -> type[Engine]:
    """The class of the numbers of an engine.

    Parameters
    ----------
    bug : str
        One of `BUGS`, which says where each of them is; none for the correct engine.

    Returns
    -------
    type

    Examples
    --------
    >>> Value = engine("mul_own_factor")
    >>> a, b = Value(2.0), Value(3.0)
    >>> (a * b).backward()
    >>> a.grad
    2.0
    >>> BUGS["mul_own_factor"]
    '*'
    """
    members = _REPLACED[bug][1] if bug else {}
    return type("Value", (Engine,), members)
