"""Loop nests as they are emitted: without copies, known constants, and what nobody reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autograd_engine.compiler.ir import (
    Array,
    MapStatement,
    MaximumStatement,
    Plan,
    Ref,
    Statement,
    SumStatement,
)
from autograd_engine.compiler.roll import referenced

__all__ = ["Nest", "Read", "simplified"]


@dataclass(eq=False)
class Read:
    """A coefficient, times what a reference reads; the coefficient alone without one."""

    ref: Ref | None
    coefficient: float = 1.0


@dataclass(eq=False)
class Nest:
    """A statement whose loops are those that count: first those of its result, in storage order.

    Attributes
    ----------
    statement : Statement
        The operation.
    sizes : tuple of int
    out : Ref
    reads : list of Read
        The factors or operands; for a derivative also the upstream gradient, and the value.
    coefficient : float
        By which the result is multiplied.
    accumulate : bool
        Whether it is added to what is there.
    """

    statement: Statement
    sizes: tuple[int, ...]
    out: Ref
    reads: list[Read]
    coefficient: float = 1.0
    accumulate: bool = False

    @cached_property
    def out_loops(self) -> tuple[int, ...]:
        """The loops that the result has."""
        return tuple(i for i in range(len(self.sizes)) if self.out.uses(i))

    @cached_property
    def covers(self) -> bool:
        """Whether it writes each element of an array once, in order of storage."""
        if self.out.table is not None or self.out.base:
            return False
        wanted = 1
        for i in reversed(self.out_loops):
            if self.out.strides[i] != wanted:
                return False
            wanted *= self.sizes[i]
        return wanted == self.out.array.size

    def kept(self, ref: Ref) -> tuple[int, ...]:
        """The sizes of the loops that matter to a reference, 1 for the others."""
        return tuple(n if ref.uses(i) else 1 for i, n in enumerate(self.sizes))


def simplified(plan: Plan) -> tuple[list[Nest], list[Nest]]:
    """The loop nests of a plan, forward and backward.

    An array that is a multiple of a part of another one, or a constant, is read there.
    """
    values = {
        id(s.operands): s.out
        for s in plan.forward
        if isinstance(s, MapStatement) and s.partial is None
    }
    forward = [_nest(statement, values) for statement in plan.forward]
    backward = [_nest(statement, values) for statement in plan.backward]
    wanted = {plan.root.array, plan.gradients, *(ref.array for ref in plan.outputs)}
    forward, backward = _live(forward, backward, wanted)
    gone = _Copies([*forward, *backward], wanted).run()
    forward = _scaled([nest for nest in forward if nest not in gone], backward, wanted)
    backward = _scaled([nest for nest in backward if nest not in gone], [], wanted)
    return _live(forward, backward, wanted)


_Lists: TypeAlias = tuple[list[Nest], list[Nest]]


def _live(forward: list[Nest], backward: list[Nest], wanted: set[Any]) -> _Lists:
    """The nests on which something depends that is wanted."""
    needed = set(wanted)
    kept: set[Nest] = set()
    for nest in reversed([*forward, *backward]):
        if nest.out.array in needed:
            kept.add(nest)
            needed.update(read.ref.array for read in nest.reads if read.ref is not None)
    return [n for n in forward if n in kept], [n for n in backward if n in kept]


def _nest(statement: Statement, values: dict[int, Ref]) -> Nest:
    if isinstance(statement, SumStatement):
        refs = list(statement.factors)
    elif isinstance(statement, MaximumStatement):
        refs = [statement.operand]
    elif statement.upstream is None:
        refs = list(statement.operands)
    else:
        refs = [*statement.operands, statement.upstream, values[id(statement.operands)]]
    reads = [Read(ref) for ref in refs]
    coefficient = statement.coefficient if isinstance(statement, SumStatement) else 1.0
    nest = Nest(statement, statement.sizes, statement.out, reads, coefficient)
    nest.accumulate = statement.accumulate
    return _tidied(nest)


def _tidied(nest: Nest) -> Nest:
    """Without loops of one, and with the loops in the order of storage of the result."""
    out, sizes = nest.out, nest.sizes
    loops = [i for i, size in enumerate(sizes) if size > 1]
    loops.sort(key=lambda i: (not out.uses(i), -abs(out.strides[i])))
    back = {i for i in loops if out.strides[i] < 0}  # such a loop runs the other way

    def tidied(ref: Ref) -> Ref:
        base = ref.base + sum(ref.strides[i] * (sizes[i] - 1) for i in back)
        strides = tuple(-ref.strides[i] if i in back else ref.strides[i] for i in loops)
        if ref.table is None:
            return Ref(ref.array, base, strides)
        table = np.flip(ref.table, tuple(i for i in back if ref.uses(i))).transpose(
            [*loops, *(i for i in range(len(sizes)) if i not in loops)]
        )
        if table.size == 1:
            return Ref(ref.array, int(table.flat[0]), (0,) * len(loops))
        return Ref(ref.array, 0, (0,) * len(loops), table.reshape(table.shape[: len(loops)]))

    return replace(
        nest,
        sizes=tuple(sizes[i] for i in loops),
        out=tidied(out),
        reads=[Read(r.ref and tidied(r.ref), r.coefficient) for r in nest.reads],
    )


def _scaled(nests: list[Nest], later: list[Nest], wanted: set[Any]) -> list[Nest]:
    """The nests, where one whose result is only multiplied by a number does so itself."""
    result = list(nests)
    writers: dict[Array, list[int]] = {}
    readers: dict[Array, list[int]] = {}
    for place, nest in enumerate((*nests, *later)):
        writers.setdefault(nest.out.array, []).append(place)
        for read in nest.reads:
            if read.ref is not None:
                readers.setdefault(read.ref.array, []).append(place)
    gone: set[int] = set()
    for place in range(len(nests)):
        array = result[place].out.array
        if array in wanted or len(writers[array]) > 1 or len(readers.get(array, [])) != 1:
            continue
        (reader,) = readers[array]
        if reader < len(nests) and not isinstance(result[place].statement, MaximumStatement):
            merged = _merged(result[place], result[reader])
            if merged is not None:
                result[reader] = merged
                gone.add(place)
    return [nest for place, nest in enumerate(result) if place not in gone]


def _merged(nest: Nest, multiple: Nest) -> Nest | None:
    """A nest and the one that multiplies its result by a number as one; None if it does more."""
    if not isinstance(multiple.statement, SumStatement) or len(multiple.reads) != 1:
        return None
    (read,) = multiple.reads
    assert read.ref is not None
    uses = all(read.ref.uses(i) and multiple.out.uses(i) for i in range(len(multiple.sizes)))
    if not uses or not nest.covers or math.prod(multiple.sizes) != nest.out.array.size:
        return None
    moved = np.full(nest.out.array.size, -1)
    moved[read.ref.positions(multiple.sizes)] = multiple.out.positions(multiple.sizes)
    if (moved < 0).any():
        return None
    out = referenced(multiple.out.array, moved[nest.out.positions(nest.kept(nest.out))])
    if out.table is not None and nest.out.table is None:
        return None
    return _tidied(
        replace(
            nest,
            out=out,
            coefficient=nest.coefficient * multiple.coefficient * read.coefficient,
            accumulate=multiple.accumulate,
        )
    )


class _Copies:
    """Finding what need not be computed, because it stands elsewhere."""

    def __init__(self, nests: list[Nest], wanted: set[Any]) -> None:
        self.nests = nests
        self.wanted = wanted
        self.writers: dict[Array, list[Nest]] = {}
        self.readers: dict[Array, list[tuple[Nest, int]]] = {}
        for nest in nests:
            self.writers.setdefault(nest.out.array, []).append(nest)
            for i, read in enumerate(nest.reads):
                assert read.ref is not None
                self.readers.setdefault(read.ref.array, []).append((nest, i))

    def run(self) -> set[Nest]:
        """The nests that are gone, after the reads of the others are changed."""
        return {nest for nest in self.nests if self.forwarded(nest)}

    def forwarded(self, nest: Nest) -> bool:
        """Let the readers of a copy read the original, if all of them can."""
        array = nest.out.array
        statement = nest.statement
        if (
            not isinstance(statement, SumStatement)
            or array in self.wanted
            or self.writers[array] != [nest]
            or not nest.covers
        ):
            return False
        coefficient = math.prod((r.coefficient for r in nest.reads), start=nest.coefficient)
        sources = [read.ref for read in nest.reads if read.ref is not None]
        if len(sources) > 1:
            return False
        out_loops = nest.out_loops
        for i, size in enumerate(nest.sizes):
            if i not in out_loops:
                if sources:
                    return False
                coefficient *= size
        readers = self.readers.get(array, [])
        if not sources:
            if not all(_scalable(reader, i) for reader, i in readers):
                return False
            for reader, i in readers:
                reader.reads[i] = Read(None, coefficient * reader.reads[i].coefficient)
            return True
        if coefficient != 1.0 and (
            len(readers) > 1 or not all(_scalable(reader, i) for reader, i in readers)
        ):
            return False
        source = sources[0]
        origin = np.broadcast_to(source.positions(nest.kept(source)), nest.sizes).ravel()
        found = []
        for reader, i in readers:
            ref = reader.reads[i].ref
            assert ref is not None
            new = referenced(source.array, origin[ref.positions(reader.kept(ref))])
            if new.table is not None and ref.table is None and source.table is None:
                return False
            found.append(new)
        for (reader, i), new in zip(readers, found, strict=True):
            reader.reads[i] = Read(new, coefficient * reader.reads[i].coefficient)
            self.readers.setdefault(source.array, []).append((reader, i))
        return True


def _scalable(nest: Nest, position: int) -> bool:
    """Whether what is read there is multiplied, so that a coefficient can be."""
    if isinstance(nest.statement, MapStatement) and nest.statement.partial is not None:
        return position == len(nest.statement.operands)
    return isinstance(nest.statement, SumStatement)
