"""The intermediate representation: arrays, references into them, and statements.

A statement is a loop nest. Its letters are the loops, outermost first; a reference says how far a
step of each loop moves in the storage of an array. Matrix products, row sums, broadcasts, strided
views and gathers are all the same thing with other strides.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_engine.rules import Primitive

__all__ = [
    "Array",
    "MapStatement",
    "MaximumStatement",
    "Plan",
    "Ref",
    "SumStatement",
    "reach",
    "row_major",
]


@dataclass(eq=False)
class Array:
    """A block of storage.

    Attributes
    ----------
    name : str
    shape : tuple of int
        As it reads best; storage is in row-major order.
    role : {"parameters", "input", "constant", "value", "shift", "gradient"}
        A shift is subtracted and added again, so that no gradient flows through it.
    data : numpy.ndarray or None
        Of a constant.
    live : numpy.ndarray or None
        Where it was padded: which elements, in order of storage, are scalars of the graph.
    """

    name: str
    shape: tuple[int, ...]
    role: str
    data: Any = None
    live: Any = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Ref:
    """Where a loop nest reads or writes an array.

    Attributes
    ----------
    array : Array
    base : int
        The position at the start of all loops.
    strides : tuple of int
        How far a step of each loop moves; 0 where a loop does not matter.
    table : numpy.ndarray or None
        Positions that follow no strides, with an axis for each loop (of length 1 where a loop
        does not matter); then base and strides are not used.
    """

    array: Array
    base: int
    strides: tuple[int, ...]
    table: Any = None

    def uses(self, letter: int) -> bool:
        """Whether a loop matters."""
        if self.table is not None:
            return bool(self.table.shape[letter] > 1)
        return self.strides[letter] != 0

    def positions(self, sizes: tuple[int, ...]) -> Any:
        """All positions, with an axis for each loop; a view, to be read alone."""
        if self.table is not None:
            return np.broadcast_to(self.table, sizes)
        lowest, highest = reach(self.base, self.strides, sizes)
        places = np.arange(lowest, highest + 1)
        step = places.itemsize
        steps = [stride * step for stride in self.strides]
        return np.ndarray(sizes, places.dtype, places, (self.base - lowest) * step, steps)


@dataclass(eq=False)
class SumStatement:
    """out (+)= coefficient * product of the factors, summed over the loops that out lacks.

    Attributes
    ----------
    sizes : tuple of int
        How long each loop is.
    out : Ref
    factors : list of Ref
        A coefficient that varies is a factor too, of a constant array.
    coefficient : float
    accumulate : bool
        Whether it is added to what is there.
    """

    sizes: tuple[int, ...]
    out: Ref
    factors: list[Ref]
    coefficient: float = 1.0
    accumulate: bool = False


@dataclass(eq=False)
class MapStatement:
    """out = primitive(operands), or out = upstream * partial derivative of it.

    Attributes
    ----------
    sizes : tuple of int
    out : Ref
    primitive : Primitive
    operands : list of Ref
    partial : int or None
        With respect to which operand, if it is the derivative.
    upstream : Ref or None
        The gradient that is multiplied, if it is the derivative.
    accumulate : bool
    """

    sizes: tuple[int, ...]
    out: Ref
    primitive: Primitive
    operands: list[Ref]
    partial: int | None = None
    upstream: Ref | None = None
    accumulate: bool = False


@dataclass(eq=False)
class MaximumStatement:
    """out = the largest over the loops that out lacks, and of what is there if it accumulates."""

    sizes: tuple[int, ...]
    out: Ref
    operand: Ref
    accumulate: bool = False


Statement = SumStatement | MapStatement | MaximumStatement


@dataclass(eq=False)
class Plan:
    """Statements on arrays.

    Attributes
    ----------
    arrays : list of Array
    forward, backward : list of Statement
    parameters : Array
        All parameters in a row.
    gradients : Array or None
        Their gradients in a row.
    root : Ref
        The result.
    outputs : list of Ref
        Other numbers that are wanted.
    """

    parameters: Array
    root: Ref
    arrays: list[Array] = field(default_factory=list)
    forward: list[Statement] = field(default_factory=list)
    backward: list[Statement] = field(default_factory=list)
    gradients: Array | None = None
    outputs: list[Ref] = field(default_factory=list)


def reach(base: int, strides: Sequence[int], sizes: Sequence[int]) -> tuple[int, int]:
    """The lowest and the highest position that loops visit."""
    moves = [stride * (size - 1) for stride, size in zip(strides, sizes, strict=True)]
    lowest = base + sum(min(0, move) for move in moves)
    return lowest, base + sum(max(0, move) for move in moves)


def row_major(shape: Sequence[int]) -> list[int]:
    """How far a step along each axis moves in storage."""
    steps = itertools.accumulate(shape[:0:-1], operator.mul, initial=1)
    return [*steps][: len(shape)][::-1]
