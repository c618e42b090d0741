"""Second pass: scalars that are computed alike become one loop nest over arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
)
from autograd_engine.compiler.normal import NormalForm, Operation
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

    def run(self) -> Plan:
        for operation, members in self.groups():
            self.store(members)
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
        lefts, rights, starts = (
            column.tolist() for column in (normal.lefts, normal.rights, normal.starts)
        )
        for number, operation in enumerate(normal.operations):
            key: Any
            start, end = starts[number], starts[number + 1]
            if operation == "sum":
                sources = {*map(coloured, lefts[start:end]), *map(coloured, rights[start:end])}
                sources.discard(NOTHING)
                key = ("sum", frozenset(sources))
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

    def store(self, members: Ints) -> None:
        self.array_of[members] = len(self.arrays)
        self.position[members] = np.arange(len(members))
        self.arrays.append(Array(f"v{len(self.arrays)}", (len(members),), "value"))

    def terms(self, members: Ints) -> tuple[Ints, Ints]:
        """How many terms each has, and where they stand."""
        starts = self.normal.starts[members]
        counts = self.normal.starts[members + 1] - starts
        return counts, ranges(starts, counts)

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
        uniform: list[tuple[Ints, Ints | None, Any]] = []
        out = self.arrays[-1]
        ragged: list[Any] = []
        for this in dict.fromkeys(kind.tolist()):
            chosen = kind == this
            per_element = np.bincount(element[chosen], minlength=len(members))
            if (per_element == per_element[0]).all():
                shape = (len(members), int(per_element[0]))
                uniform.append(
                    (
                        left[chosen].reshape(shape),
                        None if right[chosen][0] == NOTHING else right[chosen].reshape(shape),
                        coefficient[chosen].reshape(shape),
                    )
                )
            else:
                ragged.append((element[chosen], left[chosen], right[chosen], coefficient[chosen]))
        statements: list[SumStatement] = []
        firsts = [
            self.position[m[:, 0]]
            for pair in uniform
            for m in pair[:2]
            if m is not None and self.array_of[m.flat[0]] != _CONSTANTS
        ]
        rows = factor_rows(np.stack(firsts)) if firsts else None
        row_sizes = rows[0] if rows is not None else (len(members),)
        constants = self.normal.numbers[members]
        for left_terms, right_terms, coefficients in uniform:
            statements.append(
                self.uniform_sum(out, row_sizes, left_terms, right_terms, coefficients)
            )
        for parts in ragged:
            statements.append(self.ragged_sum(out, *parts))
        if constants.any() or not statements:
            factor, number = self.coefficients(constants.reshape(row_sizes))
            ref = Ref(out, 0, _row_major(row_sizes))
            statements.append(SumStatement(row_sizes, ref, factor, number))
        # The longest first, to which the others are added; one that may miss a row is no start.
        statements.sort(key=lambda s: (s.out.table is not None, -math.prod(s.sizes)))
        if statements[0].out.table is not None:
            start = Ref(out, 0, _row_major(row_sizes))
            statements.insert(0, SumStatement(row_sizes, start, [], 0.0))
        for i, statement in enumerate(statements):
            statement.accumulate = i > 0
        out.shape = _shape(row_sizes)
        self.forward += statements

    def uniform_sum(
        self,
        out: Array,
        row_sizes: tuple[int, ...],
        left: Ints,
        right: Ints | None,
        coefficients: Any,
    ) -> SumStatement:
        if right is not None and self.array_of[right.flat[0]] == _CONSTANTS:
            coefficients = coefficients * self.constants.data[self.position[right]]
            right = None
        operands = [left] if right is None else [left, right]
        positions = [self.position[operand] for operand in operands]
        terms = factor_rows(np.stack([p[0] for p in positions]))
        if terms is None and left.shape[1] > 1:
            # Sums commute: in the order of storage the terms may follow strides.
            order = np.lexsort(tuple(reversed([p[0] for p in positions])))
            operands = [operand[:, order] for operand in operands]
            positions = [p[:, order] for p in positions]
            coefficients = coefficients[:, order]
            terms = factor_rows(np.stack([p[0] for p in positions]))
        term_sizes = terms[0] if terms is not None else (left.shape[1],)
        sizes = row_sizes + term_sizes
        factors = [
            self.reference(operand, position, sizes)
            for operand, position in zip(operands, positions, strict=True)
        ]
        constant, number = self.coefficients(coefficients.reshape(sizes))
        strides = _row_major(row_sizes) + (0,) * len(term_sizes)
        return SumStatement(sizes, Ref(out, 0, strides), [*constant, *factors], number)

    def ragged_sum(
        self, out: Array, element: Ints, left: Ints, right: Ints, coefficients: Any
    ) -> SumStatement:
        sizes = (len(element),)
        if right[0] != NOTHING and self.array_of[right[0]] == _CONSTANTS:
            coefficients = coefficients * self.constants.data[self.position[right]]
            right = np.full_like(right, NOTHING)
        operands = [left] if right[0] == NOTHING else [left, right]
        factors = [self.reference(o, self.position[o], sizes) for o in operands]
        constant, number = self.coefficients(coefficients)
        return SumStatement(sizes, Ref(out, 0, (0,), element), [*constant, *factors], number)

    def reference(self, operand: Ints, positions: Ints, sizes: tuple[int, ...]) -> Ref:
        """The positions of an operand as strides if they are such, otherwise as a table."""
        array = self.arrays[self.array_of[operand.flat[0]]]
        return referenced(array, positions.reshape(sizes))

    def coefficients(self, numbers: Any) -> tuple[list[Ref], float]:
        """Coefficients as a constant array, without the loops that do not matter, or a number."""
        first = numbers.flat[0]
        if (numbers == first).all():
            return [], float(first)
        kept = numbers
        for axis in range(numbers.ndim):
            head = np.take(kept, [0], axis)
            if (kept == head).all():
                kept = head
        array = Array(f"c{len(self.arrays)}", tuple(n for n in kept.shape if n > 1), "constant")
        array.data = kept.reshape(array.shape)
        self.arrays.append(array)
        strides = _row_major(kept.shape)
        return [
            Ref(
                array, 0, tuple(s if n > 1 else 0 for s, n in zip(strides, kept.shape, strict=True))
            )
        ], 1.0

    # --- maps and maxima ---------------------------------------------------------------------

    def roll_maps(self, primitive: Primitive, members: Ints) -> None:
        out = self.arrays[-1]
        _, terms = self.terms(members)
        operands = self.normal.lefts[terms].reshape(len(members), -1).T
        positions = self.position[operands]
        source = self.arrays[self.array_of[operands[0, 0]]]
        whole = np.array_equal(positions[0], np.arange(source.size))
        rows = None if whole else factor_rows(positions)
        sizes = source.shape if whole else rows[0] if rows is not None else (len(members),)
        out.shape = _shape(sizes)
        refs = [
            self.reference(operand, position, sizes)
            for operand, position in zip(operands, positions, strict=True)
        ]
        self.forward.append(MapStatement(sizes, Ref(out, 0, _row_major(sizes)), primitive, refs))

    def roll_maxima(self, members: Ints) -> None:
        counts, terms = self.terms(members)
        out = self.arrays[-1]
        out.role = "shift"
        by_array: dict[int, dict[int, list[int]]] = {}
        rows_of = np.repeat(np.arange(len(members)), counts).tolist()
        for row, operand in zip(rows_of, self.normal.lefts[terms].tolist(), strict=True):
            rows = by_array.setdefault(int(self.array_of[operand]), {})
            rows.setdefault(row, []).append(operand)
        if len(by_array) > 1:
            strides = _row_major((len(members),))
            fill = SumStatement((len(members),), Ref(out, 0, strides), [], -math.inf)
            self.forward.append(fill)
        for rows in by_array.values():
            longest = max(map(len, rows.values()))
            # The largest is the same if an operand is repeated: so all rows are made equally long.
            operands = np.array([row + row[:1] * (longest - len(row)) for row in rows.values()])
            positions = self.position[operands]
            factored = factor_rows(positions[:, 0][None]) if len(rows) == len(members) else None
            row_sizes = factored[0] if factored is not None else (len(rows),)
            sizes = (*row_sizes, longest)
            if len(rows) == len(members):
                if len(by_array) == 1:
                    out.shape = _shape(row_sizes)
                ref = Ref(out, 0, (*_row_major(row_sizes), 0))
            else:
                ref = Ref(out, 0, (0, 0), np.array(list(rows))[:, None])
            operand = self.reference(operands, positions, sizes)
            self.forward.append(MaximumStatement(sizes, ref, operand, len(by_array) > 1))


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
    if np.array_equal(ref.positions(positions.shape), positions):
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
    strides = []
    step = 1
    for size in reversed(sizes):
        strides.append(step if size > 1 else 0)
        step *= size
    return tuple(reversed(strides))
