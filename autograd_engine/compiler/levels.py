"""Irregular graphs that are wide: level by level, all alike scalars of a level at once.

A scalar's level is one more than the highest of its operands', so the scalars of a level do not
depend on each other. Those with the same primitive are one gather, one call of the primitive's
rule on arrays, and one write, because they stand next to each other in storage. Backward, each
scalar sums over its uses, which stand next to each other too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import chain
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograd_engine.compiler import arrays
from autograd_engine.compiler.normal import Leaf, Linear, Map, Maximum, NormalForm
from autograd_engine.rules import Primitive

__all__ = ["Levels", "levels"]

Ints: TypeAlias = Any  # a numpy array of integers


def _function(spelling: str) -> Callable[..., Any]:
    module, _, name = spelling.rpartition(".")
    found: Callable[..., Any] = getattr(np if module else arrays, name)
    return found


_MATHEMATICS = SimpleNamespace(
    **{name: _function(spelling) for name, spelling in arrays.FUNCTIONS.items()},
    equal=operator.eq,
)


def levels(normal: NormalForm) -> list[list[tuple[Any, list[int]]]]:
    """The scalars of each level, in groups that are computed at once.

    Parameters
    ----------
    normal : NormalForm

    Returns
    -------
    list of list of (kind, scalars)
        A primitive for elementwise functions of others, otherwise the class of the scalars.

    Examples
    --------
    >>> from autograd_engine import Value, tanh
    >>> from autograd_engine.compiler.normal import normalise
    >>> x = Value(1.0)
    >>> form = normalise(tanh(x) * tanh(tanh(x)), [x], [])
    >>> [[len(members) for _, members in groups] for groups in levels(form)]
    [[1], [1], [1], [1]]
    """
    found: list[dict[Any, list[int]]] = [{}]
    # What is not there, NOTHING, is at the end, where it is -1.
    level = [0] * len(normal.scalars) + [-1]
    of = level.__getitem__
    for number, scalar in enumerate(normal.scalars):
        kind: Any = type(scalar)
        if isinstance(scalar, Linear):
            depth = 1 + max(max(map(of, scalar.lefts), default=0), max(map(of, scalar.rights), default=0))
        elif isinstance(scalar, Leaf):
            depth = 0
        else:
            depth = 1 + max(map(of, scalar.operands))
            if isinstance(scalar, Map):
                kind = scalar.primitive
        level[number] = depth
        if depth == len(found):
            found.append({})
        found[depth].setdefault(kind, []).append(number)
    return [list(groups.items()) for groups in found]


class Levels:
    """A normal form that is run level by level.

    Parameters
    ----------
    normal : NormalForm
    params, grads : numpy.ndarray
        The numbers of the parameters, and their gradients, in a row.
    numbers : numpy.ndarray
        Those of the inputs in a row; or a row for each example, and the result is the mean.

    Attributes
    ----------
    outputs : list of numpy.ndarray
        Of the last forward pass.
    """

    def __init__(self, normal: NormalForm, params: Any, grads: Any, numbers: Any) -> None:
        scalars = normal.scalars
        self._params, self._grads, self._numbers = params, grads, numbers
        self._batch = numbers.shape[:-1]
        scheduled = levels(normal)
        order = list(chain.from_iterable(members for groups in scheduled for _, members in groups))
        # The last place is that of the number 1, which is also in place of a factor that is not
        # there, because NOTHING is -1.
        one = len(order)
        place = np.empty(one + 1, np.int64)
        place[order] = np.arange(one)
        place[-1] = one
        self._steps: list[_Sums | _Maps | _Maxima] = []
        start = 0
        partials = one + 1  # the next place for a partial derivative
        bounds = [0]
        for groups in scheduled:
            for kind, members in groups:
                rows = slice(start, start + len(members))
                start = rows.stop
                given = [scalars[i] for i in members]
                if kind is Linear:
                    self._steps.append(_Sums(given, rows, place))
                elif kind is Maximum:
                    self._steps.append(_Maxima(given, rows, place))
                elif kind is not Leaf:
                    self._steps.append(_Maps(kind, given, rows, place, partials))
                    partials = self._steps[-1].end
            bounds.append(start)
        self._store = np.zeros((partials, *self._batch), params.dtype)
        self._store[one] = 1.0
        leaves: Any = [scalars[i] for i in order[: bounds[1]]]
        self._leaves = {
            kind: np.array(
                [(i, leaf.position) for i, leaf in enumerate(leaves) if leaf.kind == kind], int
            ).reshape(-1, 2).T
            for kind in ("parameter", "input")
        }
        for i, leaf in enumerate(leaves):
            if leaf.kind == "constant":
                self._store[i] = leaf.number
        self._root = int(place[normal.root])
        self._slopes = np.zeros((one, *self._batch), params.dtype)
        self._slopes[self._root] = 1.0
        self._sweep = self._uses(one, bounds)
        self.outputs = [self._store[place[i]] for i in normal.outputs]

    def _uses(self, one: int, bounds: list[int]) -> list[Any]:
        """What the slopes of each level are summed from."""
        moves = np.zeros(one + 1, bool)  # with a parameter
        moves[self._leaves["parameter"][0]] = True
        edges = []
        for step in self._steps:
            found = step.edges()
            if found is not None:
                kept = moves[found[0]]
                found = [column[kept] for column in found]
                moves[found[1]] = True
                edges.append(found)
        matters = np.zeros(one + 1, bool)  # to the root
        matters[self._root] = True
        live = []
        for found in reversed(edges):
            kept = matters[found[1]]
            live.append([column[kept] for column in found])
            matters[live[-1][0]] = True
        if not live:
            return []
        source, target, factor, coefficient = map(np.concatenate, zip(*live, strict=True))
        by_source = np.argsort(source, kind="stable")
        source, target, factor, coefficient = (
            column[by_source] for column in (source, target, factor, coefficient)
        )
        ends = np.searchsorted(source, bounds)
        sweep = []
        for low, high in zip(ends[-2::-1], ends[:0:-1], strict=True):
            if low == high:
                continue
            part = slice(low, high)
            starts = np.flatnonzero(np.diff(source[part], prepend=-1))
            scale = coefficient[part]
            sweep.append((
                source[part][starts], starts, target[part], factor[part],
                None if (scale == 1.0).all() else _column(scale, self._store),
            ))
        return sweep

    def forward(self) -> float:
        """The value for the numbers that the parameters and inputs have now."""
        store = self._store
        rows, positions = self._leaves["parameter"]
        store[rows] = _column(self._params[positions], store)
        rows, positions = self._leaves["input"]
        store[rows] = self._numbers.T[positions]
        for step in self._steps:
            step.run(store)
        return float(store[self._root].mean())

    def backward(self) -> None:
        """The gradients at the numbers of the last forward pass."""
        store, slopes = self._store, self._slopes
        for rows, starts, target, factor, scale in self._sweep:
            found = slopes[target] * store[factor]
            if scale is not None:
                found *= scale
            slopes[rows] = np.add.reduceat(found, starts)
        self._grads[:] = 0.0
        rows, positions = self._leaves["parameter"]
        found = slopes[rows]
        self._grads[positions] = found.mean(-1) if self._batch else found


def _column(numbers: Any, store: Any) -> Any:
    """Numbers in a row, with an axis of length one for each axis of a batch."""
    return numbers.reshape(-1, *(1,) * (store.ndim - 1)).astype(store.dtype)


class _Sums:
    """Sums of products that are computed at once."""

    def __init__(self, sums: Sequence[Linear], rows: slice, place: Ints) -> None:
        self.rows = rows
        counts = np.array([len(s.lefts) for s in sums])
        total = int(counts.sum())
        empty = counts == 0
        self.left = place[np.fromiter(chain.from_iterable(s.lefts for s in sums), np.int64, total)]
        self.right = place[np.fromiter(chain.from_iterable(s.rights for s in sums), np.int64, total)]
        self.coefficient = np.fromiter(
            chain.from_iterable(s.coefficients for s in sums), np.float64, total
        )
        self.row = np.repeat(np.arange(rows.start, rows.stop), counts)
        ends = np.cumsum(counts)
        self.starts = (ends - counts)[~empty]
        self.full = None if not empty.any() else np.flatnonzero(~empty) + rows.start
        constants = np.array([s.constant for s in sums])
        self.constants = constants if constants.any() else None

    def run(self, store: Any) -> None:
        terms = store[self.left] * store[self.right]
        terms *= _column(self.coefficient, store)
        store[self.rows] = np.add.reduceat(terms, self.starts)
        if self.constants is not None:
            store[self.rows] += _column(self.constants, store)

    def edges(self) -> list[Any]:
        return [
            np.concatenate([self.left, self.right]),
            np.concatenate([self.row, self.row]),
            np.concatenate([self.right, self.left]),
            np.concatenate([self.coefficient, self.coefficient]),
        ]


class _Maps:
    """Elementwise functions with the same primitive."""

    def __init__(
        self, primitive: Primitive, maps: Sequence[Map], rows: slice, place: Ints, first: int
    ) -> None:
        self.primitive, self.rows = primitive, rows
        self.operands = place[np.array([m.operands for m in maps]).T]
        count = len(maps)
        self.partials = [slice(first + i * count, first + (i + 1) * count) for i in range(len(self.operands))]
        self.end = first + self.operands.size

    def run(self, store: Any) -> None:
        store[self.rows], partials = self.primitive.rule(
            _MATHEMATICS, *(store[operand] for operand in self.operands)
        )
        for rows, partial in zip(self.partials, partials, strict=True):
            store[rows] = partial

    def edges(self) -> list[Any]:
        count = self.operands.size
        rows = np.arange(self.rows.start, self.rows.stop)
        return [
            self.operands.ravel(),
            np.tile(rows, len(self.operands)),
            np.arange(self.end - count, self.end),
            np.ones(count),
        ]


class _Maxima:
    """The largest of sequences, without gradients."""

    def __init__(self, maxima: Sequence[Maximum], rows: slice, place: Ints) -> None:
        self.rows = rows
        counts = np.array([len(m.operands) for m in maxima])
        self.starts = np.cumsum(counts) - counts
        self.operands = place[list(chain.from_iterable(m.operands for m in maxima))]

    def run(self, store: Any) -> None:
        store[self.rows] = np.maximum.reduceat(store[self.operands], self.starts)

    def edges(self) -> None:
        return None
