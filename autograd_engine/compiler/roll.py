"""Second pass: scalars that are computed alike become one loop nest over arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from autograd_engine.compiler.columns import NOTHING, Ints, ranges
from autograd_engine.compiler.ir import (
    Array,
    MapStatement,
    MaximumStatement,
    Plan,
    Ref,
    SumStatement,
    reach,
    row_major,
)
from autograd_engine.compiler.normal import NormalForm, Operation
from autograd_engine.compiler.pad import Layout, Terms, keep, rectangles, resting
from autograd_engine.rules import Primitive

__all__ = ["Irregular", "factor_rows", "roll"]

_CONSTANTS = 2  # the place of the constants among the arrays
_FEW_GROUPS = 250


class Irregular(Exception):
    """The scalars of a normal form have too little in common to be rolled."""


def roll(normal: NormalForm, parameters: int, inputs: int) -> Plan:
    """The forward program of a normal form.

    Parameters
    ----------
    normal : NormalForm
    parameters, inputs : int
        How many there are.

    Returns
    -------
    Plan

    Raises
    ------
    Irregular
        If there are many groups of scalars that are computed alike, and few scalars in each.
    """
    return _Roller(normal, parameters, inputs).run()


class _Roller:
    def __init__(self, normal: NormalForm, parameters: int, inputs: int) -> None:
        self.normal = normal
        self.parameters = Array("params", (parameters,), "parameters")
        self.inputs = Array("inputs", (inputs,), "input")
        numbers = normal.numbers[[operation == "constant" for operation in normal.operations]]
        self.constants = Array("constants", (len(numbers),), "constant", numbers)
        self.arrays: list[Array] = [self.parameters, self.inputs, self.constants]
        self.array_of = np.zeros(len(normal.operations), dtype=np.int64)
        self.position = normal.positions.copy()
        self.forward: list[Any] = []
        self.numbers: dict[tuple[Any, ...], Array] = {}  # what is known as coefficients
        self.clean: dict[Array, Array] = {}  # padded arrays, and what they are without dead numbers

    def run(self) -> Plan:
        for operation, members in self.groups():
            if operation == "sum":
                self.roll_sums(members)
            elif operation == "max":
                self.roll_maxima(members)
            else:
                assert isinstance(operation, Primitive)
                self.roll_maps(operation, members)
        return Plan(
            parameters=self.parameters,
            root=self.whole(self.normal.root),
            arrays=self.arrays,
            forward=self.forward,
            outputs=[self.whole(output) for output in self.normal.outputs],
        )

    def whole(self, scalar: int) -> Ref:
        return Ref(self.arrays[self.array_of[scalar]], int(self.position[scalar]), ())

    def groups(self) -> list[tuple[Operation, Ints]]:
        """The scalars of the same colour: the same operation on scalars of the same colours.

        Scalars of one colour are at the same depth, so none of them depends on another.
        """
        normal = self.normal
        leaves = ("parameter", "input", "constant")
        colours: dict[Any, int] = {leaf: colour for colour, leaf in enumerate(leaves)}
        members: list[list[int]] = [[] for _ in leaves]
        most = max(_FEW_GROUPS, len(normal.operations) // 20)
        colour_of = [NOTHING] * (len(normal.operations) + 1)  # the last one of NOTHING
        coloured = colour_of.__getitem__
        lefts, rights = memoryview(normal.lefts), memoryview(normal.rights)
        starts = normal.starts.tolist()
        known: dict[bytes, frozenset[int]] = {}  # a row of weights comes again and again

        def sources(factors: memoryview) -> frozenset[int]:
            row = factors.tobytes()
            found = known.get(row)
            if found is None:
                found = known[row] = frozenset(map(coloured, factors)) - {NOTHING}
            return found

        for number, operation in enumerate(normal.operations):
            key: Any
            start, end = starts[number], starts[number + 1]
            if operation == "sum":
                key = ("sum", sources(lefts[start:end]) | sources(rights[start:end]))
            elif operation == "max":
                key = ("max", frozenset(map(coloured, lefts[start:end])))
            elif operation in leaves:
                key = operation
                self.array_of[number] = colours[key]
            else:
                key = (operation, *map(coloured, lefts[start:end]))
            colour = colours.setdefault(key, len(colours))
            if colour == len(members):
                if colour > most:
                    raise Irregular(
                        f"its {len(normal.operations)} scalars are in more than {most} groups of "
                        "alike ones"
                    )
                members.append([])
            members[colour].append(number)
            colour_of[number] = colour
        groups = []
        for group in map(np.array, members[len(leaves) :]):
            in_order = group[np.argsort(normal.created[group], kind="stable")]
            groups.append((normal.operations[group[0]], in_order))
        return groups

    def terms(self, members: Ints) -> tuple[Ints, Ints]:
        """How many terms each has, and where they stand."""
        starts = self.normal.starts[members]
        counts = self.normal.starts[members + 1] - starts
        return counts, ranges(starts, counts)

    # --- loops -------------------------------------------------------------------------------

    def arranged(self, terms: list[Terms], count: int) -> tuple[Layout, list[Terms]]:
        """The loops over so many elements, and what they read at all places of the loops."""
        regular = Layout((count,), np.arange(count))
        firsts = [
            (array, positions)
            for each in terms
            for array, positions in zip(each.arrays, each.positions[:, :, 0], strict=True)
            if array is not self.constants
        ]
        if not firsts:
            return regular, terms
        padded = any(array.live is not None for array, _ in firsts)
        rows = padded and factor_rows(_coordinates(firsts))
        rows = rows or factor_rows(np.stack([positions for _, positions in firsts]))
        if rows:
            return Layout(rows[0], regular.slots), terms
        inherited = (
            Layout(array.shape, positions)
            for array, positions in firsts
            if array.live is not None and np.array_equal(positions, np.flatnonzero(array.live))
        )
        for layout in chain(inherited, rectangles(_coordinates(firsts))):
            guessed = [each.at_all_places(layout) for each in terms]
            found = [each for each in guessed if each is not None]
            if len(found) == len(terms):
                return layout, found
        return regular, terms

    def stored(self, members: Ints, layout: Layout) -> Array:
        """The array of a group."""
        self.array_of[members] = len(self.arrays)
        self.position[members] = layout.slots
        out = Array(f"v{len(self.arrays)}", _shape(layout.sizes), "value")
        live = layout.live
        if live is not None:
            out.live = live.ravel()
        self.arrays.append(out)
        return out

    # --- dead corners ------------------------------------------------------------------------

    def are_zero(self, array: Array, positions: Ints) -> bool:
        """Whether all of these positions are dead ones of a clean array."""
        return self.clean.get(array) is array and not array.live[positions].any()

    def silent(self, terms: Terms, where: Any) -> bool:
        """Whether a factor of these terms is 0, and lets no gradient through."""
        each = zip(terms.arrays, terms.positions, strict=True)
        return any(self.are_zero(array, positions[where]) for array, positions in each)

    def cleaned(self, terms: Terms) -> Terms:
        """Missing products without coefficients: a factor that is dead there is made clean."""
        missing = terms.missing
        if len(terms.arrays) == 1 or not missing.any() or self.silent(terms, missing):
            return terms
        for i, (array, positions) in enumerate(zip(terms.arrays, terms.positions, strict=True)):
            if array.live is None or array.live[positions[missing]].any():
                continue
            if array not in self.clean:
                copy = Array(f"v{len(self.arrays)}", array.shape, "value", live=array.live)
                self.arrays.append(copy)
                whole = _row_major(array.shape)
                flags = array.live.reshape(array.shape).astype(float)
                mask, _ = self.coefficients(flags, mask=True)
                factors = [*mask, Ref(array, 0, whole)]
                self.forward.append(SumStatement(array.shape, Ref(copy, 0, whole), factors))
                self.clean[array] = self.clean[copy] = copy
            return replace(
                terms, arrays=[*terms.arrays[:i], self.clean[array], *terms.arrays[i + 1 :]]
            )
        return terms

    def kept(
        self, sizes: tuple[int, ...], ref: Ref, flags: Any, other: float, matters: Any = None
    ) -> Ref:
        """What a reference reads where flags are 1, and another number elsewhere."""
        (mask,), _ = self.coefficients(flags, matters, 1.0, mask=True)
        array = Array(f"v{len(self.arrays)}", _shape(sizes), "value")
        self.arrays.append(array)
        result = Ref(array, 0, _row_major(sizes))
        self.forward.append(MapStatement(sizes, result, keep.bind(other=other), [mask, ref]))
        return result

    # --- sums --------------------------------------------------------------------------------

    def roll_sums(self, members: Ints) -> None:
        counts, terms = self.terms(members)
        element = np.repeat(np.arange(len(members)), counts)
        left, right = self.normal.lefts[terms], self.normal.rights[terms]
        coefficient = self.normal.coefficients[terms]
        left_array = self.array_of[left]
        right_array = np.where(right == NOTHING, -1, self.array_of[right])
        # Parameters first, so that w * x and x * w are the same.
        swap = (right_array >= 0) & (right_array < left_array) & (right_array != _CONSTANTS)
        left[swap], right[swap] = right[swap], left[swap]
        left_array[swap], right_array[swap] = right_array[swap], left_array[swap]
        kind = left_array * (len(self.arrays) + 1) + right_array
        uniform: list[Terms] = []
        ragged: list[tuple[Ints, list[Array], Ints, Any]] = []
        rest = np.ones(len(kind), bool)
        while rest.any():
            chosen = kind == kind[rest.argmax()]
            rest &= ~chosen
            operands, numbers = [left[chosen], right[chosen]], coefficient[chosen]
            if operands[1][0] == NOTHING:
                operands.pop()
            elif self.array_of[operands[1][0]] == _CONSTANTS:
                numbers = numbers * self.constants.data[self.position[operands.pop()]]
            arrays = [self.arrays[self.array_of[operand[0]]] for operand in operands]
            positions = np.stack([self.position[operand] for operand in operands])
            terms = Terms.gathered(element[chosen], len(members), arrays, positions, numbers)
            if terms is not None:
                uniform.append(terms)
            else:
                ragged.append((element[chosen], arrays, positions, numbers))
        layout, uniform = self.arranged(uniform, len(members))
        out = self.stored(members, layout)
        looped = [self.looped(terms) for terms in uniform]
        statements = [self.uniform_sum(out, layout.sizes, *each) for each in looped]
        statements += [self.ragged_sum(out, layout.slots[each[0]], *each[1:]) for each in ragged]
        constants = np.zeros(out.size)
        constants[layout.slots] = self.normal.numbers[members]
        whole = _row_major(layout.sizes)
        if constants.any() or not statements:
            factor, number = self.coefficients(constants.reshape(layout.sizes), layout.live)
            statements.append(SumStatement(layout.sizes, Ref(out, 0, whole), factor, number))
        elif out.live is not None and all(self.silent(terms, ~out.live) for terms, _ in looped):
            self.clean[out] = out
        # The longest first, to which the others are added; one that may miss a row is no start.
        statements.sort(key=lambda s: (s.out.table is not None, -math.prod(s.sizes)))
        if statements[0].out.table is not None:
            statements.insert(0, SumStatement(layout.sizes, Ref(out, 0, whole), [], 0.0))
        for i, statement in enumerate(statements):
            statement.accumulate = i > 0
        self.forward += statements

    def looped(self, terms: Terms) -> tuple[Terms, tuple[int, ...]]:
        """Terms, in an order that follows strides if there is one, and how long their loops are."""
        loops = factor_rows(terms.positions[:, 0])
        if loops is None:
            terms = terms.sorted()  # sums commute
            loops = factor_rows(terms.positions[:, 0])
        if loops is not None:
            return self.cleaned(terms), loops[0]
        first_row = list(zip(terms.arrays, terms.positions[:, 0], strict=True))
        for rectangle in rectangles(_coordinates(first_row)):
            padded = terms.with_all_places(rectangle)
            if padded is not None:
                return self.cleaned(padded), rectangle.sizes
        return self.cleaned(terms), terms.missing.shape[1:]

    def uniform_sum(
        self, out: Array, row_sizes: tuple[int, ...], terms: Terms, term_sizes: tuple[int, ...]
    ) -> SumStatement:
        sizes = row_sizes + term_sizes
        is_missing = bool(terms.missing.any())
        matters = None
        if is_missing or out.live is not None:
            matters = np.ones(terms.missing.shape, bool)
            if out.live is not None:
                matters[~out.live] = False
            if self.silent(terms, terms.missing):
                matters[terms.missing] = False
            matters = matters.reshape(sizes)
        numbers = terms.coefficients.reshape(sizes)
        constant, number = self.coefficients(numbers, matters, mask=is_missing)
        factors = [
            referenced(array, positions.reshape(sizes))
            for array, positions in zip(terms.arrays, terms.positions, strict=True)
        ]
        strides = _row_major(row_sizes) + (0,) * len(term_sizes)
        return SumStatement(sizes, Ref(out, 0, strides), [*constant, *factors], number)

    def ragged_sum(
        self, out: Array, rows: Ints, arrays: list[Array], positions: Ints, coefficients: Any
    ) -> SumStatement:
        factors = [referenced(*each) for each in zip(arrays, positions, strict=True)]
        constant, number = self.coefficients(coefficients)
        return SumStatement((len(rows),), Ref(out, 0, (0,), rows), [*constant, *factors], number)

    def coefficients(
        self, numbers: Any, matters: Any = None, other: float = 0.0, mask: bool = False
    ) -> tuple[list[Ref], float]:
        """Coefficients as a constant array, without the loops that do not matter, or a number.

        Those that do not matter become as the rest along some loop is, or the other number. A mask
        that has only one number besides 0 is made of zeros and ones.
        """
        first = numbers.flat[0]
        if (numbers == first).all():
            return [], float(first)
        fixed = np.ones(numbers.shape, bool) if matters is None else matters
        for axis in range(numbers.ndim):
            low = numbers.min(axis, keepdims=True, initial=math.inf, where=fixed)
            high = numbers.max(axis, keepdims=True, initial=-math.inf, where=fixed)
            if (low >= high).all():
                numbers, fixed = low, fixed.any(axis, keepdims=True)
        numbers = np.where(fixed, numbers, other)
        if numbers.size == 1:
            return [], float(numbers.flat[0])
        name, number = "constant", 1.0
        nonzero: Any = np.unique(numbers[numbers != 0.0]) if mask else ()
        if len(nonzero) == 1 and math.isfinite(nonzero[0]):
            name, number = "mask", float(nonzero[0])
            numbers = numbers / number
        shape = tuple(n for n in numbers.shape if n > 1)
        key = (shape, numbers.tobytes())
        array = self.numbers.get(key)
        if array is None:
            array = self.numbers[key] = Array(name, shape, "constant", numbers.reshape(shape))
            self.arrays.append(array)
        return [Ref(array, 0, _row_major(numbers.shape))], number

    # --- maps and maxima ---------------------------------------------------------------------

    def roll_maps(self, primitive: Primitive, members: Ints) -> None:
        _, terms = self.terms(members)
        operands = self.normal.lefts[terms].reshape(len(members), -1).T
        arrays = [self.arrays[self.array_of[operand[0]]] for operand in operands]
        positions = self.position[operands]
        one_by_one = Layout((len(members),), np.arange(len(members)))
        ones = np.ones((len(members), 1))
        reads = Terms(arrays, positions[:, :, None], ones, ones == 0.0)
        if np.array_equal(positions[0], np.arange(arrays[0].size)):
            layout = Layout(arrays[0].shape, one_by_one.slots)
        else:
            layout, (reads,) = self.arranged([reads], len(members))
        replaced, clean = None, False
        if layout.live is not None:
            corner = ~layout.live.ravel()
            each = zip(arrays, reads.positions, strict=True)
            zero = all(self.are_zero(array, row[corner]) for array, row in each)
            rest = resting(primitive, len(arrays), zero)
            if rest is None:
                layout = one_by_one
            else:
                positions = reads.positions[:, :, 0]
                number, clean = rest
                replaced = None if zero and number == 0.0 else number
        out = self.stored(members, layout)
        if out.live is not None and clean:
            self.clean[out] = out
        refs = [
            referenced(array, row.reshape(layout.sizes))
            for array, row in zip(arrays, positions, strict=True)
        ]
        if replaced is not None:
            live = layout.live.astype(float)
            refs = [self.kept(layout.sizes, ref, live, replaced) for ref in refs]
        whole = Ref(out, 0, _row_major(layout.sizes))
        self.forward.append(MapStatement(layout.sizes, whole, primitive, refs))

    def roll_maxima(self, members: Ints) -> None:
        counts, terms = self.terms(members)
        operands = self.normal.lefts[terms]
        rows, arrays = np.repeat(np.arange(len(members)), counts), self.array_of[operands]
        everywhere: list[Terms] = []
        somewhere: list[tuple[Ints, Terms]] = []
        for number in dict.fromkeys(arrays.tolist()):
            chosen = arrays == number
            positions = self.position[operands[chosen]]
            present, element = np.unique(rows[chosen], return_inverse=True)
            array, ones = self.arrays[number], np.ones(len(element))
            found = Terms.gathered(element, len(present), [array], positions[None], ones)
            if found is None:
                # The largest is the same if an operand is repeated: so all become equally long.
                lengths = np.bincount(element)
                starts = np.cumsum(lengths) - lengths
                places = np.minimum(np.arange(lengths.max()), lengths[:, None] - 1)
                repeated = positions[starts[:, None] + places]
                found = Terms([array], repeated[None], np.ones(repeated.shape), repeated < 0)
            if len(present) == len(members):
                everywhere.append(found)
            else:
                somewhere.append((present, found))
        layout, everywhere = self.arranged(everywhere, len(members))
        out = self.stored(members, layout)
        out.role = "shift"
        whole = _row_major(layout.sizes)
        several = len(everywhere) + len(somewhere) > 1
        if several:
            fill = SumStatement(layout.sizes, Ref(out, 0, whole), [], -math.inf)
            self.forward.append(fill)
        for each in everywhere:
            sizes = (*layout.sizes, each.missing.shape[1])
            self.maximum(sizes, Ref(out, 0, (*whole, 0)), each, out.live, several)
        for present, each in somewhere:
            target = Ref(out, 0, (0, 0), layout.slots[present][:, None])
            self.maximum(each.missing.shape, target, each, None, several)

    def maximum(
        self, sizes: tuple[int, ...], out: Ref, terms: Terms, live: Any, accumulate: bool
    ) -> None:
        operand = referenced(terms.arrays[0], terms.positions[0].reshape(sizes))
        if terms.missing.any():
            matters = np.ones(terms.missing.shape, bool)
            if live is not None:
                matters[~live] = False  # which leaves them something to be the largest of
            flags = (~terms.missing).astype(float).reshape(sizes)
            operand = self.kept(sizes, operand, flags, -math.inf, matters.reshape(sizes))
        self.forward.append(MaximumStatement(sizes, out, operand, accumulate))


def _coordinates(operands: Sequence[tuple[Array, Ints]]) -> Ints:
    """Positions as coordinates, so that no run goes past the end of a row unnoticed."""
    return np.concatenate([np.unravel_index(row, array.shape) for array, row in operands])


def referenced(array: Array, positions: Ints) -> Ref:
    """A reference to these positions, which have an axis for each loop."""
    base = int(positions.flat[0])
    strides = []
    for axis, size in enumerate(positions.shape):
        step = 0
        if size > 1:
            index = [0] * positions.ndim
            index[axis] = 1
            step = int(positions[tuple(index)]) - base
        strides.append(step)
    ref = Ref(array, base, tuple(strides))
    lowest, highest = reach(base, strides, positions.shape)
    inside = lowest >= 0 and highest < array.size
    if inside and np.array_equal(ref.positions(positions.shape), positions):
        return ref
    table = positions
    for axis in range(positions.ndim):  # the loops that do not matter
        head = np.take(table, [0], axis)
        if (table == head).all():
            table = head
    return Ref(array, 0, (0,) * positions.ndim, table)


def factor_rows(rows: Ints) -> tuple[tuple[int, ...], list[Ints]] | None:
    """The loops behind positions that are listed in a row.

    Parameters
    ----------
    rows : array of int, shape (operands, elements)

    Returns
    -------
    sizes : tuple of int
        How long each loop is, outermost first.
    steps : list of arrays of int
        How far a step of each loop moves in each operand.

    None if they are not the positions of a loop nest.

    Examples
    --------
    >>> factor_rows(np.array([[0, 1, 2, 10, 11, 12]]))[0]
    (2, 3)
    """
    sizes: list[int] = []
    steps: list[Ints] = []
    while rows.shape[1] > 1:
        moves = np.diff(rows, axis=1)
        step = moves[:, 0]
        breaks = np.flatnonzero((moves != step[:, None]).any(axis=0)) + 1
        length = rows.shape[1]
        run = math.gcd(length, *breaks.tolist()) if len(breaks) else length
        if run == 1:
            return None
        sizes.insert(0, run)
        steps.insert(0, step)
        rows = rows[:, ::run]
    return tuple(sizes) or (1,), steps


def _shape(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in sizes if size > 1) or (1,)


def _row_major(sizes: Sequence[int]) -> tuple[int, ...]:
    """The strides of loops over elements in order of storage; 0 where there is only one."""
    return tuple(
        step if size > 1 else 0 for step, size in zip(row_major(sizes), sizes, strict=True)
    )
