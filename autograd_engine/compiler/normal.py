"""First pass: a recorded graph in normal form, where few kinds of scalars are left.

A scalar is then a leaf (parameter, input or constant), a sum of products, an elementwise function
of others, or the largest of a sequence. Chains of additions become one sum, however they were
written, and what was computed twice becomes one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd_engine import graph, primitives
from autograd_engine.rules import Primitive
from autograd_engine.value import Value

__all__ = ["NOTHING", "Leaf", "Linear", "Map", "Maximum", "NormalForm", "normalise"]

NOTHING = -1  # in place of the second factor of a term that has one


class Leaf:
    """A scalar that is given: a parameter, an input, or a constant."""

    __slots__ = ("kind", "number", "position")

    def __init__(self, kind: str, position: int = 0, number: float = 0.0) -> None:
        self.kind = kind
        self.position = position
        self.number = number


class Linear:
    """A sum: constant + coefficient * left * right + ..."""

    __slots__ = ("coefficients", "constant", "lefts", "rights")

    def __init__(self) -> None:
        self.constant = 0.0
        self.coefficients: list[float] = []
        self.lefts: list[int] = []
        self.rights: list[int] = []

    def append(self, coefficient: float, left: int, right: int = NOTHING) -> None:
        """One more term."""
        self.coefficients.append(coefficient)
        self.lefts.append(left)
        self.rights.append(right)

    def extend(self, other: Linear) -> None:
        """The terms of another sum."""
        self.constant += other.constant
        self.coefficients += other.coefficients
        self.lefts += other.lefts
        self.rights += other.rights


class Map:
    """An elementwise primitive of other scalars."""

    __slots__ = ("operands", "primitive")

    def __init__(self, primitive: Primitive, operands: tuple[int, ...]) -> None:
        self.primitive = primitive
        self.operands = operands


class Maximum:
    """The largest of a sequence, which serves as a shift: no gradient flows through it."""

    __slots__ = ("operands",)

    def __init__(self, operands: tuple[int, ...]) -> None:
        self.operands = operands


Scalar: TypeAlias = Leaf | Linear | Map | Maximum


class NormalForm:
    """The scalars in an order in which each comes after what it is made of.

    Attributes
    ----------
    scalars : list
    created : list of int
        When each was recorded: a sum gets its place in the list only when it is needed.
    root : int
        Which of them is the result.
    outputs : list of int
        Which of them are wanted besides.
    recorded : int
        How many nodes the graph had.
    """

    def __init__(self) -> None:
        self.scalars: list[Scalar] = []
        self.created: list[int] = []
        self.root = 0
        self.outputs: list[int] = []
        self.recorded = 0


def normalise(
    root: Value,
    parameters: Sequence[Value],
    inputs: Sequence[Value],
    outputs: Sequence[Value] = (),
) -> NormalForm:
    """The normal form of a recorded graph.

    Parameters
    ----------
    root : Value
    parameters, inputs : sequence of Value
        Leaves; all other leaves are constants.
    outputs : sequence of Value
        Nodes that must have a scalar of their own.

    Returns
    -------
    NormalForm

    Raises
    ------
    TypeError
        If the graph has an operation over sequences that has no normal form.
    """
    return _Normaliser(root, parameters, inputs, outputs).run()


class _Normaliser:
    """The pass over the nodes, in the order of creation.

    What is known of a node stands under its index, which is cheaper than to look the node up.
    """

    def __init__(
        self,
        root: Value,
        parameters: Sequence[Value],
        inputs: Sequence[Value],
        outputs: Sequence[Value],
    ) -> None:
        self.root, self.outputs = root, outputs
        self.order = graph.nodes(root, *outputs)
        self.result = NormalForm()
        self.now = 0  # the index of the node that is being made
        self.constants: dict[float, int] = {}
        self.same: dict[tuple[Any, ...], int] = {}
        first, last = self.order[0]._index, self.order[-1]._index
        indices = [node._index for node in self.order]

        dense = last - first < 8 * len(indices)
        self.first = first if dense else 0

        def table(default: Any) -> Any:
            return [default] * (last - first + 1) if dense else dict.fromkeys(indices, default)

        self.uses: Any = table(0)
        self.numbers: Any = table(NOTHING)  # of the scalars that stand in the result
        self.sums: Any = table(None)  # of those that do not, or not yet
        self.plain: Any = table(False)  # whether it is a constant
        given: dict[Value, Leaf] = {}
        for kind, values in (("parameter", parameters), ("input", inputs)):
            for position, value in enumerate(values):
                given[value] = Leaf(kind, position)
        uses, plain, first = self.uses, self.plain, self.first
        for node in self.order:
            left = node._left
            if left is not None:
                uses[left._index - first] += 1
                if node._right is not None:
                    uses[node._right._index - first] += 1
            elif node._many is not None:
                for parent in node._many[0]:
                    uses[parent._index - first] += 1
            elif node in given:
                self.numbers[node._index - first] = self.add(given[node])
            else:
                plain[node._index - first] = True
        for output in outputs:
            uses[output._index - first] += 2  # so that nothing is made of it in place

    def run(self) -> NormalForm:
        handlers: dict[Any, Any] = {}
        for node in self.order:
            if node._left is None and node._many is None:
                continue
            primitive = node._primitive
            handler = handlers.get(primitive)
            if handler is None:
                found = _HANDLERS.get(primitive.name.partition("[")[0], _Normaliser.map)
                handler = handlers[primitive] = found
            self.now = node._index
            handler(self, node)
        self.result.root = self.number(self.root)
        self.result.outputs = [self.number(output) for output in self.outputs]
        self.result.recorded = len(self.order)
        return self.result

    # --- scalars -----------------------------------------------------------------------------

    def add(self, scalar: Scalar) -> int:
        self.result.scalars.append(scalar)
        self.result.created.append(self.now)
        return len(self.result.scalars) - 1

    def number(self, node: Value) -> int:
        """Where the scalar of a node stands in the result."""
        number: int = self.numbers[node._index - self.first]
        if number == NOTHING:
            linear = self.sums[node._index - self.first]
            self.sums[node._index - self.first] = None
            now, self.now = self.now, node._index
            number = self.constant(node._data) if linear is None else self.linear(linear)
            self.now = now
            self.numbers[node._index - self.first] = number
        return number

    def constant(self, number: float) -> int:
        found = self.constants.get(number)
        if found is None:
            found = self.constants[number] = self.add(Leaf("constant", len(self.constants), number))
        return found

    def linear(self, linear: Linear) -> int:
        key = (
            linear.constant,
            tuple(linear.coefficients),
            tuple(linear.lefts),
            tuple(linear.rights),
        )
        return self.once(key, linear)

    def once(self, key: tuple[Any, ...], scalar: Scalar) -> int:
        found = self.same.get(key)
        if found is None:
            found = self.same[key] = self.add(scalar)
        return found

    def mapped(self, primitive: Primitive, *operands: int) -> int:
        return self.once((primitive, *operands), Map(primitive, operands))

    # --- sums --------------------------------------------------------------------------------

    def taken(self, node: Value) -> Linear:
        """The sum that a node is, to be gone on with if nobody else needs it."""
        index = node._index - self.first
        linear: Linear | None = self.sums[index]
        if linear is not None and self.uses[index] == 1:
            self.sums[index] = None
            return linear
        linear = Linear()
        self.include(linear, node, 1.0)
        return linear

    def include(self, linear: Linear, node: Value, factor: float) -> None:
        """Add a node, times a factor, to a sum."""
        index = node._index - self.first
        if self.plain[index]:
            linear.constant += factor * node._data
            return
        inner = self.sums[index]
        # A factor is not distributed over a sum: a label's sign would end up in the weights, and
        # what is a matrix product would be none.
        if (
            inner is not None
            and self.uses[index] == 1
            and (factor == 1.0 or (len(inner.lefts) == 1 and not inner.constant))
        ):
            self.sums[index] = None
            if factor != 1.0:
                inner.coefficients = [factor * c for c in inner.coefficients]
            linear.extend(inner)
        else:
            linear.append(factor, self.number(node))

    def plus(self, node: Value) -> None:
        left, right = node._left, node._right
        assert left is not None and right is not None
        if self.plain[left._index - self.first]:
            left, right = right, left
        linear = self.taken(left)
        self.include(linear, right, 1.0)
        self.sums[node._index - self.first] = linear

    def minus(self, node: Value) -> None:
        left, right = node.parents
        linear = Linear() if self.plain[left._index - self.first] else self.taken(left)
        if self.plain[left._index - self.first]:
            linear.constant = left._data
        self.include(linear, right, -1.0)
        self.sums[node._index - self.first] = linear

    def negative(self, node: Value) -> None:
        linear = Linear()
        self.include(linear, node.parents[0], -1.0)
        self.sums[node._index - self.first] = linear

    def total(self, node: Value) -> None:
        linear = Linear()
        for parent in node.parents:
            self.include(linear, parent, 1.0)
        self.sums[node._index - self.first] = linear

    def mean(self, node: Value) -> None:
        whole = Linear()
        for parent in node.parents:
            self.include(whole, parent, 1.0)
        linear = Linear()
        linear.append(1.0 / len(node.parents), self.linear(whole))
        self.sums[node._index - self.first] = linear

    # --- products ----------------------------------------------------------------------------

    def times(self, node: Value) -> None:
        left, right = node._left, node._right
        assert left is not None and right is not None
        linear = Linear()
        self.product(linear, left, right)
        self.sums[node._index - self.first] = linear

    def dot(self, node: Value) -> None:
        half = len(node.parents) // 2
        linear = Linear()
        for left, right in zip(node.parents[:half], node.parents[half:], strict=True):
            self.product(linear, left, right)
        self.sums[node._index - self.first] = linear

    def product(self, linear: Linear, left: Value, right: Value) -> None:
        """Add the product of two nodes to a sum."""
        plain = self.plain
        if plain[left._index - self.first]:
            left, right = right, left
        if plain[left._index - self.first]:
            linear.constant += left._data * right._data
            return
        coefficient, a = self.scaled(left)
        if plain[right._index - self.first]:
            # A factor of its own, so that x * w differs from a bias, and a matrix is seen in it.
            linear.append(coefficient, a, self.constant(right._data))
            return
        factor, b = self.scaled(right)
        linear.append(coefficient * factor, a, b)

    def scaled(self, node: Value) -> tuple[float, int]:
        """A node as a coefficient and a scalar."""
        index = node._index - self.first
        number = self.numbers[index]
        if number != NOTHING:
            return 1.0, number
        inner = self.sums[index]
        if (
            inner is not None
            and self.uses[index] == 1
            and len(inner.lefts) == 1
            and inner.rights[0] == NOTHING
            and inner.constant == 0.0
            and inner.coefficients[0] != 1.0
        ):
            self.sums[index] = None
            return inner.coefficients[0], inner.lefts[0]
        return 1.0, self.number(node)

    def over(self, node: Value) -> None:
        above, below = node.parents
        linear = Linear()
        if self.plain[below._index - self.first] and below._data != 0.0:
            self.include(linear, above, 1.0 / below._data)
        else:
            reciprocal = self.mapped(primitives.reciprocal, self.number(below))
            if self.plain[above._index - self.first]:
                linear.append(above._data, reciprocal)
            else:
                coefficient, a = self.scaled(above)
                linear.append(coefficient, a, reciprocal)
        self.sums[node._index - self.first] = linear

    # --- the rest ----------------------------------------------------------------------------

    def map(self, node: Value) -> None:
        if node._many is not None and any(length is not None for length in node._many[2]):
            raise TypeError(f"{node.op} over a sequence cannot be compiled")
        assert node.primitive is not None
        operands = [self.number(parent) for parent in node.parents]
        self.numbers[node._index - self.first] = self.mapped(node.primitive, *operands)

    def same_as(self, node: Value) -> None:
        linear = Linear()
        self.include(linear, node.parents[0], 1.0)
        self.sums[node._index - self.first] = linear

    def exponentials(self, node: Value) -> tuple[int, list[int], int, int]:
        """The shift, the shifted numbers, their exponentials' sum, and its logarithm."""
        numbers = tuple(self.number(parent) for parent in node.parents)
        shift = self.once(("max", numbers), Maximum(numbers))
        total = Linear()
        shifted = []
        for number in numbers:
            difference = Linear()
            difference.append(1.0, number)
            difference.append(-1.0, shift)
            shifted.append(self.linear(difference))
            total.append(1.0, self.mapped(primitives.exp, shifted[-1]))
        whole = self.linear(total)
        return shift, shifted, whole, self.mapped(primitives.log, whole)

    def logsumexp(self, node: Value) -> None:
        shift, _, _, logarithm = self.exponentials(node)
        linear = Linear()
        linear.append(1.0, logarithm)
        linear.append(1.0, shift)
        self.sums[node._index - self.first] = linear

    def log_softmax(self, node: Value) -> None:
        _, shifted, _, logarithm = self.exponentials(node)
        linear = Linear()
        linear.append(1.0, shifted[self.index(node)])
        linear.append(-1.0, logarithm)
        self.sums[node._index - self.first] = linear

    def softmax(self, node: Value) -> None:
        _, shifted, whole, _ = self.exponentials(node)
        linear = Linear()
        exponential = self.mapped(primitives.exp, shifted[self.index(node)])
        linear.append(1.0, exponential, self.mapped(primitives.reciprocal, whole))
        self.sums[node._index - self.first] = linear

    def index(self, node: Value) -> int:
        assert node.primitive is not None
        return int(node.primitive.settings["index"])

    def prod(self, node: Value) -> None:
        numbers = [self.number(parent) for parent in node.parents]
        product = numbers[0]
        for number in numbers[1:]:
            linear = Linear()
            linear.append(1.0, product, number)
            product = self.linear(linear)
        self.numbers[node._index - self.first] = product


_HANDLERS: dict[str, Callable[[_Normaliser, Value], None]] = {
    "+": _Normaliser.plus,
    "-": _Normaliser.minus,
    "*": _Normaliser.times,
    "/": _Normaliser.over,
    "neg": _Normaliser.negative,
    "sum": _Normaliser.total,
    "mean": _Normaliser.mean,
    "dot": _Normaliser.dot,
    "prod": _Normaliser.prod,
    "identity": _Normaliser.same_as,
    "logsumexp": _Normaliser.logsumexp,
    "softmax": _Normaliser.softmax,
    "log_softmax": _Normaliser.log_softmax,
}
