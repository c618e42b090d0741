"""First pass: a recorded graph in normal form, where few kinds of scalars are left.

A scalar is then a leaf (parameter, input or constant), a sum of products, an elementwise function
of others, or the largest of a sequence. Chains of additions become one sum, however they were
written, and what was computed twice, in the same way, becomes one.

All nodes that one primitive made are treated at once, as columns of numbers; only what is left
in the end is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd_engine import primitives
from autograd_engine.compiler.columns import NOTHING, Columns, Ints, ranges
from autograd_engine.rules import Primitive
from autograd_engine.value import CONSTANT, LEAF, Value

__all__ = ["NOTHING", "NormalForm", "Operation", "normalise"]

# "parameter", "input", "constant", "sum", "max", or an elementwise primitive.
Operation: TypeAlias = str | Primitive


@dataclass(eq=False)
class NormalForm:
    """The scalars in an order in which each comes after what it is made of.

    Attributes
    ----------
    operations : list of Operation
        A sum is constant + coefficient * left * right + ... The largest of a sequence serves as a
        shift: no gradient flows through it.
    numbers : array of float
        The constant of a sum; the number of a constant.
    positions : array of int
        Of a leaf, among those of its kind.
    starts : array of int
        Where the terms of each scalar start, and the end.
    lefts, rights : array of int
        The factors of the terms; a right one is NOTHING where there is none. The operands of a
        function are on the left.
    coefficients : array of float
    created : array of int
        When each was recorded.
    root : int
        Which of them is the result.
    outputs : list of int
        Which of them are wanted besides.
    recorded : int
        How many nodes the graph had.
    """

    operations: list[Operation]
    numbers: Any
    positions: Ints
    starts: Ints
    lefts: Ints
    rights: Ints
    coefficients: Any
    created: Ints
    root: int
    outputs: list[int]
    recorded: int


def normalise(
    columns: Columns,
    root: Value,
    parameters: Sequence[Value],
    inputs: Sequence[Value],
    outputs: Sequence[Value] = (),
) -> NormalForm:
    """The normal form of a recorded graph.

    Parameters
    ----------
    columns : Columns
        Of the root and the outputs.
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
    return _Normaliser(columns, parameters, inputs, [root, *outputs]).run()


class _Normaliser:
    """The pass. A scalar is a node, by its place, or was made besides: those are counted on."""

    def __init__(
        self,
        columns: Columns,
        parameters: Sequence[Value],
        inputs: Sequence[Value],
        wanted: Sequence[Value],
    ) -> None:
        self.columns = columns
        self.count = len(columns.nodes)
        self.wanted = columns.places(wanted)
        self.uses = columns.uses()
        self.uses[self.wanted] += 2  # so that nothing is made of them in place

        self.kinds: dict[Operation, int] = {}
        self.kind = np.full(self.count, self.number_of("constant"))  # of each node
        self.position = np.zeros(self.count, int)  # of a leaf
        for kind, values in (("parameter", parameters), ("input", inputs)):
            places = columns.places(values)
            here = places != NOTHING
            self.kind[places[here]] = self.number_of(kind)
            self.position[places[here]] = np.flatnonzero(here)
        # Of the scalars that are no nodes:
        self.made: dict[Any, int] = {}
        self.made_kind: list[int] = []
        self.created: list[int] = []
        self.terms: list[tuple[Ints, Any, Ints, Ints]] = []

    def run(self) -> NormalForm:
        # Few codes are small numbers, which are sorted much faster.
        codes = self.columns.codes.astype(np.min_scalar_type(len(self.columns.primitives)))
        by_code = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
        sums: dict[Any, list[Ints]] = {}  # by the definition of what made them
        maps: list[Ints] = []
        for primitive, at in zip(self.columns.primitives, by_code, strict=True):
            if primitive.definition in _HANDLERS:
                self.kind[at] = self.number_of("sum")
                sums.setdefault(primitive.definition, []).append(at)
            elif primitive is not LEAF and primitive is not CONSTANT:
                self.kind[at] = self.number_of(primitive)
                maps.append(at)
        for definition, parts in sums.items():
            _HANDLERS[definition](self, np.sort(np.concatenate(parts)))
        for at in maps:
            self.map(at)
        self.collect()
        self.add_constants()
        self.splice()
        self.fold()
        return self.result()

    def number_of(self, kind: Operation) -> int:
        return self.kinds.setdefault(kind, len(self.kinds))

    # --- what a node is made of --------------------------------------------------------------

    def add(self, owner: Ints, coefficient: Any, left: Any, right: Any = NOTHING) -> None:
        """One more term, or operand, for each owner."""
        shape = np.shape(owner)
        self.terms.append(
            (
                np.asarray(owner, int),
                np.broadcast_to(np.asarray(coefficient, float), shape),
                np.broadcast_to(left, shape),
                np.broadcast_to(right, shape),
            )
        )

    def map(self, at: Ints) -> None:
        for parents in (self.columns.left, self.columns.right):
            those = at[parents[at] != NOTHING]
            self.add(those, 1.0, parents[those])
        those = at[self.columns.left[at] == NOTHING]
        if len(those):
            node = self.columns.nodes[those[0]]
            assert node._many is not None
            if any(length is not None for length in node._many[2]):
                raise TypeError(f"{node.op} over a sequence cannot be compiled")
            owner, parents = self.columns.operands(those)
            self.add(owner, 1.0, parents)

    def plus(self, at: Ints) -> None:
        self.add(at, 1.0, self.columns.left[at])
        self.add(at, 1.0, self.columns.right[at])

    def minus(self, at: Ints) -> None:
        self.add(at, 1.0, self.columns.left[at])
        self.add(at, -1.0, self.columns.right[at])

    def negative(self, at: Ints) -> None:
        self.add(at, -1.0, self.columns.left[at])

    def same_as(self, at: Ints) -> None:
        self.add(at, 1.0, self.columns.left[at])

    def total(self, at: Ints) -> None:
        owner, parents = self.columns.operands(at)
        self.add(owner, 1.0, parents)

    def times(self, at: Ints) -> None:
        self.add(at, 1.0, self.columns.left[at], self.columns.right[at])

    def dot(self, at: Ints) -> None:
        owner, parents = self.columns.operands(at)
        places, starts, counts = np.unique(owner, return_index=True, return_counts=True)
        half = counts // 2
        first = ranges(starts, half)
        self.add(
            np.repeat(places, half), 1.0, parents[first], parents[first + np.repeat(half, half)]
        )

    def mean(self, at: Ints) -> None:
        for place in at.tolist():
            owner, parents = self.columns.operands(np.array([place]))
            whole, _ = self.once(("mean", place), "sum", place)
            self.add(np.full(len(owner), whole), 1.0, parents)
            self.add([place], 1.0 / len(owner), whole)

    def over(self, at: Ints) -> None:
        constant, data = self.kind == self.number_of("constant"), self.columns.data
        above, below = self.columns.left[at], self.columns.right[at]
        with np.errstate(all="ignore"):
            reciprocals = 1.0 / data[below]
        scaled = constant[below] & np.isfinite(reciprocals)
        self.add(at[scaled], reciprocals[scaled], above[scaled])
        for place, a, b in zip(*(x[~scaled].tolist() for x in (at, above, below)), strict=True):
            reciprocal = self.mapped(primitives.reciprocal, b, place)
            if constant[a]:
                self.add([place], data[a], reciprocal)
            else:
                self.add([place], 1.0, a, reciprocal)

    def prod(self, at: Ints) -> None:
        for place in at.tolist():
            _, parents = self.columns.operands(np.array([place]))
            product, *others = parents.tolist()
            if not others:
                self.add([place], 1.0, product)
            for i, other in enumerate(others, 1):
                key = ("product", place, i)
                made = place if i == len(others) else self.once(key, "sum", place)[0]
                self.add([made], 1.0, product, other)
                product = made

    # --- scalars that are no nodes -----------------------------------------------------------

    def once(self, key: Any, kind: Operation, created: int) -> tuple[int, bool]:
        """Such a scalar, and whether it is new."""
        found = self.made.get(key)
        if found is not None:  # it comes before the first node that needs it
            place = found - self.count
            self.created[place] = min(self.created[place], created)
            return found, False
        made = self.made[key] = self.count + len(self.created)
        self.made_kind.append(self.number_of(kind))
        self.created.append(created)
        return made, True

    def mapped(self, primitive: Primitive, operand: int, created: int) -> int:
        made, is_new = self.once((primitive, operand), primitive, created)
        if is_new:
            self.add([made], 1.0, operand)
        return made

    def exponentials(self, at: Ints) -> Iterator[tuple[int, list[int], int, int]]:
        """With each node: its operands less the largest of them, that, the exponentials' sum."""
        found: dict[int, tuple[list[int], int, int]] = {}
        for place, sequence in zip(at.tolist(), self.columns.sequences(at).tolist(), strict=True):
            if sequence not in found:
                found[sequence] = self.exponentials_before(place)
            yield place, *found[sequence]

    def exponentials_before(self, place: int) -> tuple[list[int], int, int]:
        """The same for the first node that needs them."""
        _, operands = self.columns.operands(np.array([place]))
        parents = tuple(operands.tolist())
        shift, is_new = self.once(("max", parents), "max", place)
        shifted = [self.once(("shifted", shift, p), "sum", place)[0] for p in parents]
        if is_new:
            self.uses[operands] += 1  # each has a scalar of its own
            self.add(np.full(len(parents), shift), 1.0, operands)
            for made, parent in dict(zip(shifted, parents, strict=True)).items():
                self.add([made, made], [1.0, -1.0], [parent, shift])
        exponentials = [self.mapped(primitives.exp, x, place) for x in shifted]
        total, is_new = self.once(("total", shift), "sum", place)
        if is_new:
            self.add(np.full(len(parents), total), 1.0, exponentials)
        return shifted, shift, total

    def logsumexp(self, at: Ints) -> None:
        for place, _, shift, total in self.exponentials(at):
            self.add([place, place], 1.0, [self.mapped(primitives.log, total, place), shift])

    def log_softmax(self, at: Ints) -> None:
        for place, shifted, _, total in self.exponentials(at):
            logarithm = self.mapped(primitives.log, total, place)
            self.add([place, place], [1.0, -1.0], [shifted[self.index(place)], logarithm])

    def softmax(self, at: Ints) -> None:
        for place, shifted, _, total in self.exponentials(at):
            exponential = self.mapped(primitives.exp, shifted[self.index(place)], place)
            self.add([place], 1.0, exponential, self.mapped(primitives.reciprocal, total, place))

    def index(self, place: int) -> int:
        return int(self.columns.nodes[place]._primitive.settings["index"])

    # --- sums within sums --------------------------------------------------------------------

    def collect(self) -> None:
        """The terms in arrays of their own."""
        nothing = (np.zeros(0, int), np.zeros(0), np.zeros(0, int), np.zeros(0, int))
        self.owner, self.coefficient, self.left, self.right = (
            np.concatenate(column) for column in zip(nothing, *self.terms, strict=True)
        )
        made = len(self.created)
        self.size = self.count + made
        self.kind = np.concatenate([self.kind, np.array(self.made_kind, int)])
        self.is_sum = self.kind == self.number_of("sum")
        self.is_constant = self.kind == self.number_of("constant")
        self.numbers = np.zeros(self.size)
        self.numbers[: self.count][self.is_constant[: self.count]] = self.columns.data[
            self.is_constant[: self.count]
        ]
        # Sums that a single term or operand uses: they may become part of that.
        self.used_once = self.is_sum & np.concatenate([self.uses == 1, np.zeros(made, bool)])
        self.gone = np.zeros(self.size, bool)

    def keep(self, chosen: Any) -> None:
        """Only some of the terms, or all in another order."""
        self.owner, self.coefficient = self.owner[chosen], self.coefficient[chosen]
        self.left, self.right = self.left[chosen], self.right[chosen]

    def add_constants(self) -> None:
        """Addends that are constants are added up.

        As a factor a constant stays, so that x * w differs from a bias, and a matrix is seen in
        it.
        """
        is_product = self.right != NOTHING
        swapped = is_product & self.is_constant[self.left]
        self.left[swapped], self.right[swapped] = self.right[swapped], self.left[swapped]
        known = self.is_sum[self.owner] & self.is_constant[self.left]
        numbers = self.coefficient[known] * self.numbers[self.left[known]]
        times = known & is_product
        numbers[is_product[known]] *= self.numbers[self.right[times]]
        self.add_numbers(self.owner[known], numbers)
        self.keep(~known)

    def add_numbers(self, owners: Ints, numbers: Any) -> None:
        """Add numbers to the constants of sums."""
        added = np.bincount(owners, numbers, self.size)
        changed = np.flatnonzero(added)  # the others stay as they are: a constant may be -0.0
        self.numbers[changed] += added[changed]

    def splice(self) -> None:
        """A sum that is used once, as an addend, becomes part of the sum that uses it.

        But a factor is not distributed over a sum: a label's sign would end up in the weights,
        and what is a matrix product would be none.
        """
        addend = self.is_sum[self.owner] & (self.right == NOTHING) & self.used_once[self.left]
        plain = addend & (self.coefficient == 1.0)
        # Whether a sum has one term, be it through others that have.
        single = (np.bincount(self.owner, minlength=self.size) == 1) & (self.numbers == 0.0)
        inner = np.arange(self.size)
        inner[self.owner[plain & single[self.owner]]] = self.left[plain & single[self.owner]]
        for further in _to_the_end(inner):
            single &= single[further]

        taken = plain | (addend & single[self.left])
        self.gone[self.left[taken]] = True
        user, factor = np.arange(self.size), np.ones(self.size)
        user[self.left[taken]] = self.owner[taken]
        factor[self.left[taken]] = self.coefficient[taken]
        for into in _to_the_end(user):
            factor *= factor[into]

        constant = np.flatnonzero((self.numbers != 0.0) & self.gone)
        moved = self.numbers[constant] * factor[constant]
        self.add_numbers(into[constant], moved)
        self.keep(~taken)
        self.coefficient = self.coefficient * factor[self.owner]
        # In the order of creation, which is that of writing.
        written = np.argsort(into[self.owner] * self.size + self.owner, kind="stable")
        self.keep(written)
        self.owner = into[self.owner]

    def fold(self) -> None:
        """A coefficient of a factor is one of the product."""
        if not len(self.owner):
            return
        counts = np.bincount(self.owner, minlength=self.size)
        first = np.minimum(np.cumsum(counts) - counts, len(self.owner) - 1)
        scaled = self.used_once & (counts == 1) & (self.numbers == 0.0)
        scaled &= (self.right[first] == NOTHING) & (self.coefficient[first] != 1.0)
        coefficient, inner = self.coefficient.copy(), self.left.copy()
        is_product = self.right != NOTHING
        for side in (self.left, self.right):
            folded = np.flatnonzero(is_product & scaled[side])
            self.gone[side[folded]] = True
            self.coefficient[folded] *= coefficient[first[side[folded]]]
            side[folded] = inner[first[side[folded]]]
        self.keep(~self.gone[self.owner])

    # --- what was computed twice -------------------------------------------------------------

    def result(self) -> NormalForm:
        """The scalars that are left, each once, in order."""
        used = np.zeros(self.size, bool)
        for needed in (self.left, self.right[self.right != NOTHING], self.wanted):
            used[needed] = True
        chosen = np.flatnonzero(np.where(self.is_constant, used, ~self.gone))
        created = np.concatenate([np.arange(self.count), np.array(self.created, int)])
        # What was made besides for a node comes before it.
        chosen = chosen[np.lexsort((chosen < self.count, created[chosen]))]

        counts = np.bincount(self.owner, minlength=self.size)
        starts = np.cumsum(counts) - counts
        position = np.zeros(self.size, int)
        position[: self.count] = self.position
        first = self.first(chosen, starts, counts)
        kept = chosen[first[chosen] == chosen]
        new = np.full(self.size + 1, NOTHING)
        new[kept] = np.arange(len(kept))
        new = new[first]
        constants = kept[self.is_constant[kept]]
        position[constants] = np.arange(len(constants))
        terms = ranges(starts[kept], counts[kept])
        operations = list(self.kinds)
        return NormalForm(
            operations=[operations[kind] for kind in self.kind[kept].tolist()],
            numbers=self.numbers[kept],
            positions=position[kept],
            starts=np.concatenate([[0], np.cumsum(counts[kept])]),
            lefts=new[self.left[terms]],
            rights=new[self.right[terms]],
            coefficients=self.coefficient[terms],
            created=created[kept],
            root=int(new[self.wanted[0]]),
            outputs=new[self.wanted[1:]].tolist(),
            recorded=self.count,
        )

    def first(self, chosen: Ints, starts: Ints, counts: Ints) -> Ints:
        """For each scalar the first that is the same; and NOTHING at the end."""
        first = np.arange(self.size + 1)
        first[NOTHING] = NOTHING
        bits = self.numbers.view(np.int64)
        for numbers in (self.is_constant, self.is_sum & (counts == 0)):
            alike = chosen[numbers[chosen]]
            _, firsts, which = np.unique(bits[alike], return_index=True, return_inverse=True)
            first[alike] = alike[firsts[which]]
        same: dict[Any, int] = {}
        twins = self.twins(chosen[counts[chosen] > 0], starts)
        columns = (self.kind, bits, starts, starts + counts)
        for this, kind, number, start, end in zip(
            twins.tolist(), *(column[twins].tolist() for column in columns), strict=True
        ):
            key = (
                kind,
                number,
                self.coefficient[start:end].tobytes(),
                first[self.left[start:end]].tobytes(),
                first[self.right[start:end]].tobytes(),
            )
            first[this] = same.setdefault(key, this)
        return first

    def twins(self, chosen: Ints, starts: Ints) -> Ints:
        """Those that may be the same as another: that came out alike, of a first operand alike.

        It may miss those that were written in another way.
        """
        # In single precision, so that sums which were written in another order are alike.
        data = np.zeros(self.size, "float32")
        with np.errstate(all="ignore"):
            data[: self.count] = self.columns.data + 0.0  # -0.0 is 0.0
        bits = data.view(np.uint32)
        seen = bits[chosen].astype(np.uint64) << 32 | bits[self.left[starts[chosen]]]
        _, which, counts = np.unique(seen, return_inverse=True, return_counts=True)
        return chosen[counts[which] > 1]


def _to_the_end(following: Ints) -> Iterator[Ints]:
    """Whom each follows, then whom that one follows, and so on by doubling, to the end.

    Combining a quantity with that of the one who is followed, each time, gathers it along the
    whole chain. Whoever follows himself is an end.
    """
    while True:
        yield following
        further = following[following]
        if np.array_equal(further, following):
            return
        following = further


_HANDLERS: dict[Any, Callable[[_Normaliser, Ints], None]] = {
    primitives.add.definition: _Normaliser.plus,
    primitives.sub.definition: _Normaliser.minus,
    primitives.mul.definition: _Normaliser.times,
    primitives.truediv.definition: _Normaliser.over,
    primitives.neg.definition: _Normaliser.negative,
    primitives.sum.definition: _Normaliser.total,
    primitives.mean.definition: _Normaliser.mean,
    primitives.dot.definition: _Normaliser.dot,
    primitives.prod.definition: _Normaliser.prod,
    primitives.identity.definition: _Normaliser.same_as,
    primitives.logsumexp.definition: _Normaliser.logsumexp,
    primitives.softmax.definition: _Normaliser.softmax,
    primitives.log_softmax.definition: _Normaliser.log_softmax,
}
