"""Value: a number that remembers how it was made.

A node of the recorded graph knows its data, its gradient, its parents and the partial derivative
with respect to each parent, computed by a primitive when the node was made. The graph is plain
data without closures or cycles, so that `backward`, explanations, diagrams and `compile` read the
same record, and a graph is freed with its last reference.
"""

from __future__ import annotations

import math
from itertools import count
from math import isfinite

from autograd_engine import floats, graph, modes, primitives
from autograd_engine.convert import as_float, is_number
from autograd_engine.rules import Primitive

__all__ = ["Value", "as_node", "record", "record_binary", "record_unary"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal
    from numbers import Real
    from typing import Any, TypeAlias

    Plain: TypeAlias = float | Real | Decimal
    Number: TypeAlias = "Value | Plain"


def _no_rule(m: Any, *operands: Any) -> Any:
    raise TypeError("a leaf has no rule")


# What stands in a node's place for a primitive when nothing made it: a variable, or a plain
# number that took part in an operation.
LEAF = Primitive(_no_rule, "")
CONSTANT = Primitive(_no_rule, "")

_creation_order = count()
_next_index = _creation_order.__next__


class Value:
    """A scalar that records what is computed with it.

    Parameters
    ----------
    data : number
        An int, float, bool, Fraction, Decimal or NumPy scalar; kept as a float.
    label : str
        A name for diagrams and explanations.
    grad : float
        The gradient to start from.

    Raises
    ------
    TypeError
        If `data` is no real number.

    Notes
    -----
    As in micrograd, ``Value(data, (a, b), '+')`` makes the node that the primitive ``+`` makes of
    `a` and `b`. A graph can be copied by ``copy.deepcopy`` and pickled; two roots that are pickled
    together share their leaves afterwards, and no other node.

    References
    ----------
    Karpathy, micrograd, 2020.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b
    >>> c.backward()
    >>> c, a.grad, b.grad
    (Value(data=-6.0, grad=1.0), -3.0, 2.0)
    """

    # One or two operands have slots of their own: tuples would double the work of the garbage
    # collector, which costs more than the arithmetic. `_many` holds the others as
    # (parents, partials, lengths); a length is None where an operand was no sequence.
    __slots__ = (
        "_d_left",
        "_d_right",
        "_data",
        "_grad",
        "_index",
        "_left",
        "_many",
        "_primitive",
        "_right",
        "label",
    )

    _data: float
    _grad: float
    _index: int
    _primitive: Primitive
    _left: Value | None
    _right: Value | None
    _d_left: float
    _d_right: float
    _many: tuple[Sequence[Value], Sequence[float], tuple[int | None, ...]] | None
    label: str

    def __init__(
        self,
        data: Plain,
        _children: Iterable[Value] = (),
        _op: str = "",
        label: str = "",
        *,
        grad: Plain = 0.0,
    ) -> None:
        self._data = as_float(data, "data")
        self._grad = as_float(grad, "grad")
        self._index = _next_index()
        self._primitive = LEAF
        self._left = self._right = self._many = None
        self._d_left = self._d_right = 0.0
        if not isinstance(label, str):
            raise TypeError(f"a label is a str, got {label!r}")
        self.label = label
        if _children:
            made = _made_by(_op, tuple(_children))
            self._primitive = made._primitive
            self._left, self._right, self._many = made._left, made._right, made._many
            self._d_left, self._d_right = made._d_left, made._d_right

    # --- what a node knows -----------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number."""
        return self._data

    @data.setter
    def data(self, data: Plain) -> None:
        self._data = as_float(data, "data")

    @property
    def grad(self) -> float:
        """The derivative of the last root's data with respect to this one's.

        Leaves accumulate over calls of `backward`; set it to 0 before the next step.
        """
        return self._grad

    @grad.setter
    def grad(self, grad: Plain) -> None:
        if grad is None:
            raise TypeError("a gradient is a number here: write v.grad = 0.0 in place of None")
        self._grad = as_float(grad, "grad")

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands, in order, with repeats; empty for a leaf."""
        if self._many is not None:
            return tuple(self._many[0])
        if self._left is None:
            return ()
        return (self._left,) if self._right is None else (self._left, self._right)

    @property
    def partials(self) -> tuple[float, ...]:
        """The derivative of data with respect to each parent's, as it was when recorded."""
        if self._many is not None:
            return tuple(self._many[1])
        if self._left is None:
            return ()
        return (self._d_left,) if self._right is None else (self._d_left, self._d_right)

    @property
    def primitive(self) -> Primitive | None:
        """The operation that made this node; None for a leaf."""
        return None if self.is_leaf else self._primitive

    @property
    def op(self) -> str:
        """The name of the operation that made this node; '' for a leaf."""
        return self._primitive.name

    @property
    def is_leaf(self) -> bool:
        """Whether nothing made this node."""
        return self._left is None and self._many is None

    @property
    def is_constant(self) -> bool:
        """Whether this is a plain number that took part in an operation."""
        return self._primitive is CONSTANT

    # --- as micrograd calls them -----------------------------------------------------------------

    _prev = parents
    _op = op

    @property
    def _backward(self) -> Any:
        raise AttributeError(
            "a node of autograd_engine has no _backward: its partials are in .partials; "
            "for an operation of your own write a rule with @autograd_engine.primitive"
        )

    @_backward.setter
    def _backward(self, function: Any) -> None:
        raise AttributeError(
            f"_backward cannot be set to {function!r}: for an operation of your own write a rule "
            "that returns the value and its partials, with @autograd_engine.primitive"
        )

    # --- arithmetic ------------------------------------------------------------------------------

    def __add__(self, other: Number) -> Value:
        return record_binary(primitives.add, self, other)

    def __radd__(self, other: Number) -> Value:
        return _reflected(primitives.add, other, self)

    def __sub__(self, other: Number) -> Value:
        return record_binary(primitives.sub, self, other)

    def __rsub__(self, other: Number) -> Value:
        return _reflected(primitives.sub, other, self)

    def __mul__(self, other: Number) -> Value:
        return record_binary(primitives.mul, self, other)

    def __rmul__(self, other: Number) -> Value:
        return _reflected(primitives.mul, other, self)

    def __truediv__(self, other: Number) -> Value:
        return record_binary(primitives.truediv, self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return _reflected(primitives.truediv, other, self)

    def __pow__(self, exponent: Number, modulo: None = None) -> Value:
        if modulo is not None:
            raise TypeError("pow(value, exponent, modulo) has no derivative; leave modulo out")
        if isinstance(exponent, Value):
            return record_binary(primitives.pow, self, exponent)
        try:
            number = as_float(exponent, "exponent")
        except TypeError:
            return NotImplemented
        return record_unary(primitives.power.bind(exponent=number), self)

    def __rpow__(self, base: Number) -> Value:
        return _reflected(primitives.pow, base, self)

    def __neg__(self) -> Value:
        return record_unary(primitives.neg, self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return record_unary(primitives.abs, self)

    # --- functions -------------------------------------------------------------------------------
    # One method for every function of one number: x.tanh() is tanh(x).

    def abs(self) -> Value:
        """Absolute value."""
        return record_unary(primitives.abs, self)

    def exp(self) -> Value:
        """e to the power x."""
        return record_unary(primitives.exp, self)

    def expm1(self) -> Value:
        """exp(x) - 1, exact near 0."""
        return record_unary(primitives.expm1, self)

    def exp2(self) -> Value:
        """2 to the power x."""
        return record_unary(primitives.exp2, self)

    def log(self) -> Value:
        """Natural logarithm."""
        return record_unary(primitives.log, self)

    def log1p(self) -> Value:
        """log(1 + x), exact near 0."""
        return record_unary(primitives.log1p, self)

    def log2(self) -> Value:
        """Logarithm to base 2."""
        return record_unary(primitives.log2, self)

    def log10(self) -> Value:
        """Logarithm to base 10."""
        return record_unary(primitives.log10, self)

    def sqrt(self) -> Value:
        """Square root."""
        return record_unary(primitives.sqrt, self)

    def cbrt(self) -> Value:
        """Cube root, real for negative numbers too."""
        return record_unary(primitives.cbrt, self)

    def reciprocal(self) -> Value:
        """1/x."""
        return record_unary(primitives.reciprocal, self)

    def square(self) -> Value:
        """x squared."""
        return record_unary(primitives.square, self)

    def sin(self) -> Value:
        """Sine of an angle in radians."""
        return record_unary(primitives.sin, self)

    def cos(self) -> Value:
        """Cosine of an angle in radians."""
        return record_unary(primitives.cos, self)

    def tan(self) -> Value:
        """Tangent of an angle in radians."""
        return record_unary(primitives.tan, self)

    def asin(self) -> Value:
        """Arc sine, in radians."""
        return record_unary(primitives.asin, self)

    def acos(self) -> Value:
        """Arc cosine, in radians."""
        return record_unary(primitives.acos, self)

    def atan(self) -> Value:
        """Arc tangent, in radians."""
        return record_unary(primitives.atan, self)

    def sinh(self) -> Value:
        """Hyperbolic sine."""
        return record_unary(primitives.sinh, self)

    def cosh(self) -> Value:
        """Hyperbolic cosine."""
        return record_unary(primitives.cosh, self)

    def tanh(self) -> Value:
        """Hyperbolic tangent, (exp(2x) - 1)/(exp(2x) + 1)."""
        return record_unary(primitives.tanh, self)

    def asinh(self) -> Value:
        """Inverse hyperbolic sine."""
        return record_unary(primitives.asinh, self)

    def acosh(self) -> Value:
        """Inverse hyperbolic cosine."""
        return record_unary(primitives.acosh, self)

    def atanh(self) -> Value:
        """Inverse hyperbolic tangent."""
        return record_unary(primitives.atanh, self)

    def erf(self) -> Value:
        """Error function."""
        return record_unary(primitives.erf, self)

    def erfc(self) -> Value:
        """Complementary error function, 1 - erf(x) without cancellation."""
        return record_unary(primitives.erfc, self)

    def sign(self) -> Value:
        """-1, 0 or 1."""
        return record_unary(primitives.sign, self)

    def step(self) -> Value:
        """1 from 0 on, 0 below."""
        return record_unary(primitives.step, self)

    def sigmoid(self) -> Value:
        """Logistic function, 1/(1 + exp(-x))."""
        return record_unary(primitives.sigmoid, self)

    def logsigmoid(self) -> Value:
        """log(sigmoid(x)), without underflow."""
        return record_unary(primitives.logsigmoid, self)

    def softplus(self) -> Value:
        """log(1 + exp(x)), without overflow."""
        return record_unary(primitives.softplus, self)

    def softsign(self) -> Value:
        """x/(1 + abs(x))."""
        return record_unary(primitives.softsign, self)

    def relu(self) -> Value:
        """Rectified linear unit, the positive part of x."""
        return record_unary(primitives.relu, self)

    def selu(self) -> Value:
        """Scaled exponential linear unit, scale elu(x, alpha) with the constants of the paper."""
        return record_unary(primitives.selu, self)

    def silu(self) -> Value:
        """Sigmoid linear unit (swish), x sigmoid(x)."""
        return record_unary(primitives.silu, self)

    def mish(self) -> Value:
        """x tanh(softplus(x))."""
        return record_unary(primitives.mish, self)

    def hardtanh(self) -> Value:
        """x held between -1 and 1."""
        return record_unary(primitives.hardtanh, self)

    def relu6(self) -> Value:
        """x held between 0 and 6."""
        return record_unary(primitives.relu6, self)

    def normal_cdf(self) -> Value:
        """Probability that a standard normal variable is below x."""
        return record_unary(primitives.normal_cdf, self)

    def normal_pdf(self) -> Value:
        """Density of the standard normal distribution, exp(-x**2/2)/sqrt(2 pi)."""
        return record_unary(primitives.normal_pdf, self)

    def leaky_relu(self, slope: Number = 0.01) -> Value:
        """x where it is positive, slope times x elsewhere."""
        return record(primitives.leaky_relu, (self, slope))

    def elu(self, alpha: Number = 1.0) -> Value:
        """x where it is positive, alpha (exp(x) - 1) elsewhere."""
        return record(primitives.elu, (self, alpha))

    def celu(self, alpha: float = 1.0) -> Value:
        """x where it is positive, alpha (exp(x/alpha) - 1) elsewhere."""
        return record_unary(primitives.celu.bind(alpha=as_float(alpha, "alpha")), self)

    def gelu(self, approximate: str = "none") -> Value:
        """X times the normal distribution's probability below x; 'tanh' for the tanh form."""
        if approximate not in ("none", "tanh"):
            raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
        form = primitives.gelu_tanh if approximate == "tanh" else primitives.gelu
        return record_unary(form, self)

    def pow(self, exponent: Number) -> Value:
        """X to the power of the exponent."""
        return self**exponent

    def atan2(self, x: Number) -> Value:
        """Angle of the point (x, self), in radians."""
        return record(primitives.atan2, (self, x))

    def hypot(self, y: Number) -> Value:
        """Distance of the point (self, y) from the origin."""
        return record(primitives.hypot, (self, y))

    def maximum(self, y: Number) -> Value:
        """The larger of the two."""
        return record(primitives.maximum, (self, y))

    def minimum(self, y: Number) -> Value:
        """The smaller of the two."""
        return record(primitives.minimum, (self, y))

    def clamp(self, min: Number = -math.inf, max: Number = math.inf) -> Value:
        """x held between min and max."""
        return record(primitives.clamp, (self, min, max))

    @staticmethod
    def _record(primitive: Primitive, operands: Sequence[Any]) -> Value:
        return record(primitive, operands)

    # --- comparisons: by data, so that Python branches on them -----------------------------------

    def __lt__(self, other: Number) -> bool:
        number = _comparable(other)
        return NotImplemented if number is None else self._data < number

    def __le__(self, other: Number) -> bool:
        number = _comparable(other)
        return NotImplemented if number is None else self._data <= number

    def __gt__(self, other: Number) -> bool:
        number = _comparable(other)
        return NotImplemented if number is None else self._data > number

    def __ge__(self, other: Number) -> bool:
        number = _comparable(other)
        return NotImplemented if number is None else self._data >= number

    def __bool__(self) -> bool:
        return self._data != 0.0

    # --- conversions -----------------------------------------------------------------------------

    def __float__(self) -> float:
        raise TypeError(
            "a Value is not turned into a float unasked, because its gradient would be lost: write "
            "v.data for the number, or autograd_engine.exp and its like in place of math.exp"
        )

    __int__ = __complex__ = __trunc__ = __float__

    def __round__(self, digits: int | None = None) -> float:
        raise TypeError("a Value is not rounded, because its gradient would be lost: round v.data")

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        grad = f", grad={self._grad!r}" if self._grad != 0.0 else ""
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}{grad}{label})"

    def __rich_repr__(self) -> Iterator[tuple[str, object, object]]:
        yield "data", self._data, None
        yield "grad", self._grad, 0.0
        yield "label", self.label, ""

    # --- the backward pass -----------------------------------------------------------------------

    def backward(self) -> None:
        """Add the derivative of this value to the grad of every leaf it was made from.

        Leaves accumulate over calls; the grad of every other node is this call's alone. The pass
        uses the partials that were recorded when the nodes were made, in the reverse of the order
        of creation, and takes time proportional to the size of the graph.

        Examples
        --------
        >>> from autograd_engine import Value
        >>> x = Value(3.0)
        >>> y = x * x * x
        >>> y.backward()
        >>> x.grad
        27.0
        >>> y.backward()  # leaves accumulate
        >>> x.grad
        54.0
        """
        if self.is_leaf:
            self._grad += 1.0
            return
        made = graph.made_nodes(self)
        for node in made:
            node._grad = 0.0
        self._grad = 1.0
        watcher = modes.current.get().watcher if modes.open_blocks else None
        for node in made:
            grad = node._grad
            left = node._left
            if left is not None:
                left._grad += grad * node._d_left
                right = node._right
                if right is not None:
                    right._grad += grad * node._d_right
            else:
                parents, partials, _ = node._many  # type: ignore[misc]
                if grad == 0.0 and isfinite(sum(partials)):
                    continue  # what would be added is 0, as below every relu that is off
                for parent, partial in zip(parents, partials, strict=True):
                    parent._grad += grad * partial
            if watcher is not None:
                watcher.propagated(node, grad)

    # --- copying and pickling, without recursion -------------------------------------------------

    def __copy__(self) -> Value:
        return _copy(self, list(self.parents))

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in graph.nodes(self):
            if id(node) not in memo:
                memo[id(node)] = _copy(node, [memo[id(parent)] for parent in node.parents])
                memo.setdefault(id(memo), []).append(node)  # as deepcopy does: the id stays taken
        copied: Value = memo[id(self)]
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        # A flat record, because pickle would follow the parents by recursion. Leaves are pickled
        # as objects of their own, so that what shares them still does after loading; two roots
        # that share an intermediate node get one each.
        if self.is_leaf:
            return _load_leaf, (self._data, self._grad, self.label, self.is_constant)
        order = graph.nodes(self)
        position = {node: i for i, node in enumerate(order)}
        record = [
            node
            if node.is_leaf
            else (
                node._primitive,
                node._data,
                node._grad,
                node.label,
                [position[parent] for parent in node.parents],
                node.partials,
                node._many and node._many[2],
            )
            for node in order
        ]
        return _load_graph, (record,)


_new = Value.__new__


def _constant(number: float) -> Value:
    node = _new(Value)
    node._data = number
    node._grad = 0.0
    node._index = _next_index()
    node._primitive = CONSTANT
    node._left = node._right = node._many = None
    node._d_left = node._d_right = 0.0
    node.label = ""
    return node


def _operand(number: Any) -> Value | None:
    """The number as a node, or None if it is no number."""
    if isinstance(number, Value):
        return number
    if number.__class__ is int or is_number(number):
        return _constant(as_float(number, "an operand"))
    return None


def as_node(number: Any, what: str = "an operand") -> Value:
    """The number as a node: itself, or a constant.

    Parameters
    ----------
    number : Value or number
    what : str
        What the error calls it.

    Raises
    ------
    TypeError
        If it is neither.
    """
    return number if isinstance(number, Value) else _constant(as_float(number, what))


def _comparable(other: Any) -> float | None:
    if other.__class__ is Value:
        return other._data
    node = _operand(other)
    return None if node is None else node._data


# --- recording: one node for each operation ------------------------------------------------------


def record_unary(primitive: Primitive, x: Value) -> Value:
    """Apply a primitive of one operand to a Value."""
    try:
        data, (partial,) = primitive.rule(floats, x._data)
    except (ArithmeticError, ValueError):
        data, (partial,) = primitive.evaluate((x._data,))
    node = _new(Value)
    node._data = data
    node._grad = 0.0
    node._index = _next_index()
    node._primitive = primitive
    node._left = x
    node._right = node._many = None
    node._d_left = partial
    node._d_right = 0.0
    node.label = ""
    return _as_mode_says(node) if modes.open_blocks else node


def record_binary(primitive: Primitive, x: Value, other: Number) -> Value:
    """Apply a primitive of two operands to a Value and what may be a number."""
    y: Value | None
    if other.__class__ is Value:
        y = other
    elif other.__class__ is float:
        y = _constant(other)
    else:
        y = _operand(other)
        if y is None:
            return NotImplemented  # type: ignore[no-any-return]
    try:
        data, (d_left, d_right) = primitive.rule(floats, x._data, y._data)
    except (ArithmeticError, ValueError):
        data, (d_left, d_right) = primitive.evaluate((x._data, y._data))
    node = _new(Value)
    node._data = data
    node._grad = 0.0
    node._index = _next_index()
    node._primitive = primitive
    node._left = x
    node._right = y
    node._many = None
    node._d_left = d_left
    node._d_right = d_right
    node.label = ""
    return _as_mode_says(node) if modes.open_blocks else node


def _reflected(primitive: Primitive, number: Any, y: Value) -> Value:
    x = _operand(number)
    return NotImplemented if x is None else record_binary(primitive, x, y)


def record(primitive: Primitive, operands: Sequence[Any]) -> Value:
    """Apply a primitive to Values and numbers, as one node.

    Parameters
    ----------
    primitive : Primitive
    operands : sequence
        Values, numbers, and lists or tuples of both.

    Raises
    ------
    TypeError
        If an operand is no number.
    """
    if not isinstance(operands[0], (list, tuple)):
        what = f"an operand of {primitive.name}"
        if len(operands) == 1:
            return record_unary(primitive, as_node(operands[0], what))
        if len(operands) == 2 and not isinstance(operands[1], (list, tuple)):
            return record_binary(primitive, as_node(operands[0], what), as_node(operands[1], what))
    parents: Sequence[Value] = []
    numbers: list[Any] = []
    lengths: list[int | None] = []
    for operand in operands:
        if isinstance(operand, (list, tuple)):
            try:
                numbers.append([x._data for x in operand])
            except AttributeError:  # there are plain numbers among them
                what = f"an operand of {primitive.name}"
                operand = [x if x.__class__ is Value else as_node(x, what) for x in operand]
                numbers.append([x._data for x in operand])
            # A tuple that is all there is is kept as it is: the nodes of a softmax share theirs.
            is_all = len(operands) == 1 and isinstance(operand, tuple)
            parents = operand if is_all else [*parents, *operand]
            lengths.append(len(operand))
        else:
            x = as_node(operand, f"an operand of {primitive.name}")
            numbers.append(x._data)
            parents = [*parents, x]
            lengths.append(None)
    try:
        data, slopes = primitive.rule(floats, *numbers)
    except (ArithmeticError, ValueError):
        data, slopes = primitive.evaluate(tuple(numbers))
    partials: list[float] = []
    for slope in slopes:
        if isinstance(slope, list):
            partials += slope
        else:
            partials.append(slope)
    node = _new(Value)
    node._data = data
    node._grad = 0.0
    node._index = _next_index()
    node._primitive = primitive
    node._left = node._right = None
    node._many = (parents, partials, tuple(lengths))
    node._d_left = node._d_right = 0.0
    node.label = ""
    return _as_mode_says(node) if modes.open_blocks else node


def _assembled(
    primitive: Primitive,
    data: float,
    parents: Sequence[Value],
    partials: Sequence[float],
    lengths: tuple[int | None, ...] | None,
) -> Value:
    node = _constant(data)
    node._primitive = primitive
    if lengths is not None:
        node._many = (parents, partials, lengths)
    elif parents:
        node._left, node._d_left = parents[0], partials[0]
        if len(parents) == 2:
            node._right, node._d_right = parents[1], partials[1]
    return node


def _as_mode_says(node: Value) -> Value:
    """The node as it is, or as a leaf where nothing is recorded; shown to whoever watches."""
    mode = modes.current.get()
    if mode.watcher is not None:
        mode.watcher.recorded(node)
    if not mode.recording:
        node._primitive = LEAF
        node._left = node._right = node._many = None
    return node


# --- copies --------------------------------------------------------------------------------------


def _copy(node: Value, parents: Sequence[Value]) -> Value:
    lengths = node._many and node._many[2]
    copied = _assembled(node._primitive, node._data, parents, node.partials, lengths)
    copied._grad = node._grad
    copied.label = node.label
    return copied


def _load_leaf(data: float, grad: float, label: str, is_constant: bool) -> Value:
    leaf = Value(data, label=label, grad=grad)
    if is_constant:
        leaf._primitive = CONSTANT
    return leaf


def _load_graph(record: list[Any]) -> Value:
    loaded: list[Value] = []
    for entry in record:
        if isinstance(entry, Value):
            loaded.append(entry)
            continue
        primitive, data, grad, label, positions, partials, lengths = entry
        parents = [loaded[position] for position in positions]
        node = _assembled(primitive, data, parents, partials, lengths)
        node._grad = grad
        node.label = label
        loaded.append(node)
    return loaded[-1]


# --- micrograd's constructor ---------------------------------------------------------------------


def _made_by(op: str, children: tuple[Value, ...]) -> Value:
    """The node that the primitive of this name makes of these parents."""
    name = op.lower()
    if name.startswith("**") and len(name) > 2:
        try:
            return children[0] ** float(name[2:])
        except ValueError:
            pass
    primitive = primitives.TABLE.get(name)
    if primitive is None:
        raise ValueError(
            f"Value(..., _children, _op): there is no primitive {op!r}; for an operation of your "
            "own write a rule that returns the value and its partials, with "
            "@autograd_engine.primitive"
        )
    expected = len(primitive.operands)
    if len(children) != expected:
        raise ValueError(
            f"Value(..., _children, _op): {op!r} takes {expected} operands, got {len(children)}"
        )
    return record(primitive, children)
