"""Ragged loops made rectangular: a triangle is part of a square.

The scalars of causal attention, of positions t and s <= t, follow no strides until the other
corner of the square is computed too. What stands in the dead corner never reaches the result,
because a padded array is of one of two kinds:

- A clean one is 0 in its dead corner, and a gradient that arrives there goes no further.
- In any other one dead elements are finite numbers without meaning. They are read by other dead
  elements alone, or times a coefficient of 0: their gradient is 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_engine import floats
from autograd_engine.compiler.columns import Ints
from autograd_engine.compiler.ir import Array
from autograd_engine.rules import Primitive, primitive

__all__ = ["Layout", "Terms", "keep", "rectangles", "resting"]

_MOST = 2.5  # times the live elements: with more dead ones than that, padding does not pay


class Layout:
    """Where the elements of a group stand among those of a loop nest.

    Attributes
    ----------
    sizes : tuple of int
        How long each loop is, outermost first.
    slots : array of int, shape (elements,)
        The place of each element, increasing.
    """

    def __init__(self, sizes: tuple[int, ...], slots: Ints) -> None:
        self.sizes = sizes
        self.slots = slots

    @property
    def live(self) -> Any:
        """Which places are those of elements, in the shape of the loops; None if all are."""
        if len(self.slots) == math.prod(self.sizes):
            return None
        flags = np.zeros(math.prod(self.sizes), dtype=bool)
        flags[self.slots] = True
        return flags.reshape(self.sizes)

    def extended(self, positions: Ints, limits: Ints) -> Ints | None:
        """The positions that operands have at all places, by the strides of those they have.

        Parameters
        ----------
        positions : array of int, shape (operands, elements)
        limits : array of int, shape (operands,)
            How long the array of each operand is.

        Returns
        -------
        array of int, shape (operands, places)
            None if they follow no strides, or leave an array.
        """
        if len(self.slots) == math.prod(self.sizes):
            return positions
        element = np.full(math.prod(self.sizes), -1)
        element[self.slots] = np.arange(len(self.slots))
        element = element.reshape(self.sizes)
        full = np.zeros((len(positions), *self.sizes), dtype=np.int64)
        for axis, size in enumerate(self.sizes):
            here = np.take(element, range(size - 1), axis).ravel()
            there = np.take(element, range(1, size), axis).ravel()
            neighbours = np.flatnonzero((here >= 0) & (there >= 0))
            if not len(neighbours):
                return None
            first = neighbours[0]
            step = positions[:, there[first]] - positions[:, here[first]]
            along = [1] * full.ndim
            along[axis + 1] = size
            full += np.arange(size).reshape(along) * step.reshape(-1, *[1] * len(self.sizes))
        full = full.reshape(len(positions), -1)
        full += (positions[:, 0] - full[:, self.slots[0]])[:, None]
        follows = np.array_equal(full[:, self.slots], positions)
        return full if follows and _inside(full, limits) else None


def rectangles(rows: Ints) -> Iterator[Layout]:
    """The loop nests of which positions that are listed in a row may be a part.

    Runs of unequal length are taken to start together, or else to end together.

    Parameters
    ----------
    rows : array of int, shape (operands, elements)

    Yields
    ------
    Layout

    Examples
    --------
    >>> triangle = np.array([[0, 4, 4, 8, 8, 8], [0, 0, 1, 0, 1, 2]])
    >>> layout = next(rectangles(triangle))
    >>> layout.sizes, layout.slots
    ((3, 3), array([0, 3, 4, 6, 7, 8]))
    """
    for at_end in (False, True):
        layout = _rectangle(rows, at_end)
        if layout is not None:
            yield layout


def _rectangle(rows: Ints, at_end: bool) -> Layout | None:
    elements = rows.shape[1]
    sizes: list[int] = []
    coordinates: list[Ints] = []
    column = np.arange(elements)  # of each element, among those that are left
    while rows.shape[1] > 1:
        moves = np.diff(rows)
        step = moves[:, _most_frequent(moves)]
        breaks = np.flatnonzero((moves != step[:, None]).any(axis=0)) + 1
        run = math.gcd(rows.shape[1], *breaks.tolist())
        starts = np.arange(0, rows.shape[1], run) if run > 1 else np.array([0, *breaks])
        lengths = np.diff([*starts, rows.shape[1]])
        longest = int(lengths.max())
        if len(starts) * longest * math.prod(sizes) > _MOST * elements:
            return None
        ahead = longest - lengths if at_end else np.zeros_like(lengths)
        which = np.repeat(np.arange(len(starts)), lengths)
        place = np.arange(rows.shape[1]) - (starts - ahead)[which]
        sizes.insert(0, longest)
        coordinates.insert(0, place[column])
        column = which[column]
        rows = rows[:, starts] - step[:, None] * ahead
    return Layout(tuple(sizes), np.ravel_multi_index(coordinates, sizes)) if sizes else None


def _most_frequent(moves: Ints) -> int:
    """Where the column stands that occurs most often."""
    keys = np.zeros(moves.shape[1], dtype=np.int64)
    for row in moves:
        keys = keys * 1_000_003 + row  # may wrap around, which no two columns will notice
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    return int(first[counts.argmax()])


@dataclass
class Terms:
    """What the elements of a group read of the same arrays, as often in each element.

    Attributes
    ----------
    arrays : list of Array
        One for each operand.
    positions : array of int, shape (operands, elements, terms)
    coefficients : array of float, shape (elements, terms)
    missing : array of bool, shape (elements, terms)
        Which terms are none of the graph: the element has fewer than others.
    """

    arrays: list[Array]
    positions: Ints
    coefficients: Any
    missing: Any

    @classmethod
    def gathered(
        cls, element: Ints, count: int, arrays: list[Array], positions: Ints, coefficients: Any
    ) -> Terms | None:
        """The terms of so many elements, which are given in a row.

        Parameters
        ----------
        element : array of int, shape (terms,)
            To which element each belongs, increasing.
        count : int
        arrays : list of Array
        positions : array of int, shape (operands, terms)
        coefficients : array of float, shape (terms,)

        Returns
        -------
        Terms
            None if they are not equally many, and those that are missing are not to be guessed.
        """
        counts = np.bincount(element, minlength=count)
        shape = (count, int(counts[0]))
        if (counts == counts[0]).all():
            positions = positions.reshape(len(arrays), *shape)
            return cls(arrays, positions, coefficients.reshape(shape), np.zeros(shape, dtype=bool))
        longest = int(counts.max())
        if counts.min() == 0 or count * longest > _MOST * len(element):
            return None
        starts = np.cumsum(counts) - counts
        model = starts[counts.argmax()]
        by_storage = np.lexsort((*reversed(positions), element))  # sums commute
        for order in (np.arange(len(element)), by_storage):
            ordered = positions[:, order]
            offsets = ordered[:, model : model + longest] - ordered[:, [model]]
            for ahead in (np.zeros_like(counts), longest - counts):
                place = np.arange(len(element)) - (starts - ahead)[element]
                bases = ordered[:, starts] - offsets[:, ahead]
                full = bases[:, :, None] + offsets[:, None, :]
                follows = np.array_equal(full[:, element, place], ordered)
                if follows and _inside(full.reshape(len(full), -1), _limits(arrays)):
                    numbers, missing = np.zeros((count, longest)), np.ones((count, longest), bool)
                    numbers[element, place], missing[element, place] = coefficients[order], False
                    return cls(arrays, full, numbers, missing)
        return None

    def at_all_places(self, layout: Layout) -> Terms | None:
        """With the elements that a layout adds; None if their positions are not to be guessed."""
        operands, elements, terms = self.positions.shape
        columns = self.positions.transpose(0, 2, 1).reshape(operands * terms, elements)
        full = layout.extended(columns, np.repeat(_limits(self.arrays), terms))
        if full is None:
            return None
        shape = (math.prod(layout.sizes), terms)
        coefficients, missing = np.zeros(shape), np.zeros(shape, bool)
        coefficients[layout.slots], missing[layout.slots] = self.coefficients, self.missing
        positions = full.reshape(operands, terms, -1).transpose(0, 2, 1)
        return Terms(self.arrays, positions, coefficients, missing)

    def with_all_places(self, layout: Layout) -> Terms | None:
        """The same for a layout of the terms, which are then more in each element."""
        operands, elements, terms = self.positions.shape
        rows = self.positions.reshape(operands * elements, terms)
        full = layout.extended(rows, np.repeat(_limits(self.arrays), elements))
        if full is None:
            return None
        shape = (elements, math.prod(layout.sizes))
        coefficients, missing = np.zeros(shape), np.ones(shape, bool)
        coefficients[:, layout.slots], missing[:, layout.slots] = self.coefficients, self.missing
        return Terms(self.arrays, full.reshape(operands, *shape), coefficients, missing)

    def sorted(self) -> Terms:
        """In the order in which the first element has them in storage."""
        order = np.lexsort(tuple(reversed(self.positions[:, 0])))
        return Terms(
            self.arrays,
            self.positions[:, :, order],
            self.coefficients[:, order],
            self.missing[:, order],
        )


@primitive
def keep(m: Any, mask: Any, x: Any, *, other: float) -> Any:
    """x where the mask is 1, another number where it is 0.

    The gradient that arrives there is 0 already, so that x may have it as it is.
    """
    return m.where(mask, x, other), (0.0, 1.0)


def resting(primitive: Primitive, operands: int, zero: bool = False) -> tuple[float, bool] | None:
    """What a primitive reads in a dead corner, and whether its result is then clean.

    Best is a number at which it and its derivatives are 0; otherwise they are finite there.

    Parameters
    ----------
    primitive : Primitive
    operands : int
        How many it has.
    zero : bool
        Whether all of them are clean: then they may be read as they are.

    Returns
    -------
    number : float
    clean : bool

    None if no number is known to do.

    Examples
    --------
    >>> from autograd_engine import primitives
    >>> resting(primitives.exp, 1), resting(primitives.log, 1)
    ((-inf, True), (1.0, False))
    >>> resting(primitives.tanh, 1), resting(primitives.tanh, 1, zero=True)
    ((1.0, False), (0.0, True))
    """
    at = {x: _evaluated(primitive, [x] * operands) for x in (0.0, -math.inf, 1.0, 0.5, 2.0)}
    finite = {x: found for x, found in at.items() if found is not None}
    if zero and 0.0 in finite and finite[0.0][0] == 0.0:
        return 0.0, True
    for x in (0.0, -math.inf):
        if x in finite and not any(finite[x]):
            return x, True
    number = next((x for x in (*[0.0] * zero, 1.0, 0.5, 2.0) if x in finite), None)
    return None if number is None else (number, False)


def _evaluated(primitive: Primitive, numbers: list[float]) -> list[float] | None:
    """The value and the partial derivatives, if all of them, and the way to them, are finite."""
    try:
        value, partials = primitive.rule(floats, *numbers)
    except Exception:  # whatever the rule of a user's own primitive says to such a number
        return None
    found = [float(value), *map(float, partials)]
    return found if all(map(math.isfinite, found)) else None


def _limits(arrays: Sequence[Array]) -> Ints:
    return np.array([array.size for array in arrays])


def _inside(positions: Ints, limits: Ints) -> bool:
    return bool((positions.min(1) >= 0).all() and (positions.max(1) < limits).all())
