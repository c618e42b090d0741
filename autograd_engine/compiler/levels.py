"""Irregular graphs that are wide: level by level, all alike scalars of a level at once.

A scalar's level is one more than the highest of what it is made of, so the scalars of a level do
not depend on each other. Those of one operation are a gather, a call on arrays, and a write,
because they stand next to each other in storage. Backward, the slope of a scalar is a sum over its
uses, which stand next to each other too.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_engine.compiler import arrays
from autograd_engine.compiler.columns import Ints, ranges
from autograd_engine.compiler.normal import NormalForm, Operation
from autograd_engine.compiler.spelling import source_of, spelled
from autograd_engine.rules import Primitive

__all__ = ["Levels", "levels"]

# From the operands of a primitive to its value and its partials.
_Function: TypeAlias = Callable[..., tuple[Any, tuple[Any, ...]]]

_MOST_LISTED = 50  # levels in the source


def levels(normal: NormalForm) -> list[dict[Operation, list[int]]]:
    """The scalars of each level, in groups of the same operation.

    Parameters
    ----------
    normal : NormalForm

    Returns
    -------
    list of dict
        On the first level is what is made of nothing.

    Examples
    --------
    >>> from autograd_engine import Value, tanh
    >>> from autograd_engine.compiler.columns import Columns
    >>> from autograd_engine.compiler.normal import normalise
    >>> x, y = Value(1.0), Value(2.0)
    >>> loss = tanh(x) * tanh(y)
    >>> form = normalise(Columns(loss), loss, [x, y], [])
    >>> [list(groups.values()) for groups in levels(form)]
    [[[0, 1]], [[2, 3]], [[4]]]
    """
    found: list[dict[Operation, list[int]]] = []
    level = [-1] * (len(normal.operations) + 1)  # the last one of NOTHING
    of = level.__getitem__
    factors = np.stack([normal.lefts, normal.rights], 1).ravel().tolist()
    bounds = (2 * normal.starts).tolist()
    for number, (operation, start, end) in enumerate(
        zip(normal.operations, bounds[:-1], bounds[1:], strict=True)
    ):
        depth = level[number] = 1 + max(map(of, factors[start:end]), default=-1)
        if depth == len(found):
            found.append({})
        found[depth].setdefault(operation, []).append(number)
    return found


class Levels:
    """A normal form that is run level by level.

    Parameters
    ----------
    normal : NormalForm
    scheduled : list of dict
        Its levels.
    params, grads : numpy.ndarray
        The numbers of the parameters, and their gradients, in a row.
    numbers : numpy.ndarray
        Those of the inputs in a row; or a row for each example, and the result is the mean.

    Attributes
    ----------
    title, source : str
        The source is a list of what is computed at once.
    outputs : list of numpy.ndarray
        Of the last forward pass.
    """

    def __init__(
        self,
        normal: NormalForm,
        scheduled: list[dict[Operation, list[int]]],
        params: Any,
        grads: Any,
        numbers: Any,
    ) -> None:
        self._params, self._grads, self._numbers = params, grads, numbers
        count = sum(map(len, scheduled[1:]))
        self.title = (
            f"{normal.recorded} recorded scalars, level by level: {len(scheduled) - 1} levels with "
            f"{count} groups of alike scalars"
        )
        self.source = "\n# ".join([f"# {self.title}", *_listed(scheduled[1:])]) + "\n"

        # What is computed together stands together. After all scalars, where NOTHING is, stands
        # the number 1, in place of the factor that a term does not have; then come the partials.
        groups = [
            (operation, np.array(members))
            for level in scheduled
            for operation, members in level.items()
        ]
        bounds = np.cumsum([0, *(sum(map(len, level.values())) for level in scheduled)])
        one = int(bounds[-1])
        place = np.full(one + 1, one)
        place[np.concatenate([members for _, members in groups])] = np.arange(one)
        size = one + 1
        self._steps: list[_Sums | _Maps | _Maxima] = []
        self._leaves = {kind: (slice(0), np.zeros(0, int)) for kind in ("parameter", "input")}
        functions: dict[Primitive, _Function] = {}
        for operation, members in groups:
            rows = slice(int(place[members[0]]), int(place[members[-1]]) + 1)
            if rows.start < bounds[1]:
                if operation in self._leaves:
                    self._leaves[str(operation)] = (rows, normal.positions[members])
                continue
            starts = normal.starts[members]
            counts = normal.starts[members + 1] - starts
            at = ranges(starts, counts)
            left, right = place[normal.lefts[at]], place[normal.rights[at]]
            if operation == "sum":
                total = _Total(counts, left, right, normal.coefficients[at], one)
                self._steps.append(_Sums(rows, total, normal.numbers[members]))
            elif operation == "max":
                self._steps.append(_Maxima(rows, counts, left))
            else:
                assert isinstance(operation, Primitive)
                if operation not in functions:
                    functions[operation] = _on_arrays(operation)
                operands = left.reshape(len(members), -1).T
                self._steps.append(_Maps(rows, functions[operation], operands, size))
                size += operands.size
        batch = numbers.shape[:-1]
        self._store = np.zeros((size, *batch))
        self._store[place] = _upright(np.append(normal.numbers, 1.0), self._store)
        self._slopes = np.zeros((one, *batch))
        self._root = int(place[normal.root])
        self._slopes[self._root] = 1.0
        self._sweep = [_Slopes(uses, one) for uses in self._uses(bounds)]
        self.outputs = [self._store[place[i]] for i in normal.outputs]

    def _uses(self, bounds: Ints) -> Iterator[_Uses]:
        """The uses of the scalars of each level through which a gradient flows, the last first."""
        steps = []
        trained = np.zeros(bounds[-1] + 1, bool)  # what depends on a parameter
        trained[self._leaves["parameter"][0]] = True
        for step in self._steps:
            uses = step.uses()
            steps.append(uses.chosen(trained[uses.source]))
            trained[steps[-1].user] = True
        matters = np.zeros(bounds[-1] + 1, bool)  # what the root depends on
        matters[self._root] = True
        for i, uses in reversed(list(enumerate(steps))):
            steps[i] = uses.chosen(matters[uses.user])
            matters[steps[i].source] = True
        if not steps:
            return
        joined = _Uses(*map(np.concatenate, zip(*steps, strict=True)))
        by_source = joined.chosen(np.argsort(joined.source, kind="stable"))
        ends = by_source.source.searchsorted(bounds).tolist()
        for start, end in reversed(list(pairwise(ends))):
            if start < end:
                yield by_source.chosen(slice(start, end))

    def forward(self) -> float:
        """The value for the numbers that the parameters and inputs have now."""
        store = self._store
        rows, positions = self._leaves["parameter"]
        store[rows] = _upright(self._params[positions], store)
        rows, positions = self._leaves["input"]
        store[rows] = self._numbers.T[positions]
        for step in self._steps:
            step.run(store)
        return float(store[self._root].mean())

    def backward(self) -> None:
        """The gradients at the numbers of the last forward pass."""
        for slopes in self._sweep:
            slopes.run(self._slopes, self._store)
        rows, positions = self._leaves["parameter"]
        self._grads[:] = 0.0
        self._grads[positions] = self._slopes[rows].reshape(len(positions), -1).mean(1)


class _Uses(NamedTuple):
    """Uses of scalars: to the slope of the source, the slope of the user adds, times a factor."""

    source: Ints
    user: Ints
    factor: Ints  # where it stands
    coefficient: Any  # which is multiplied too

    def chosen(self, which: Any) -> _Uses:
        return _Uses(*(column[which] for column in self))


class _Total:
    """Sums of coefficient * left * right, of terms that stand together.

    Parameters
    ----------
    counts : array of int
        How many terms each sum has, at least one.
    left, right : array of int
        Where the factors stand; at `one`, the right ones are 1.
    coefficients : array of float
    one : int
    """

    def __init__(self, counts: Ints, left: Ints, right: Ints, coefficients: Any, one: int) -> None:
        self.row = np.repeat(np.arange(len(counts)), counts)
        self.starts = np.cumsum(counts) - counts
        self.left, self.right, self.coefficients = left, right, coefficients
        self.are_single = (counts == 1).all()
        self.are_products = (right != one).any()
        self.are_scaled = (coefficients != 1.0).any()

    def of(self, lefts: Any, rights: Any) -> Any:
        terms = lefts[self.left]
        if self.are_products:
            terms *= rights[self.right]
        if self.are_scaled:
            terms *= _upright(self.coefficients, terms)
        if self.are_single:
            return terms
        if terms.ndim == 1:  # which is faster
            return np.bincount(self.row, terms)
        return np.add.reduceat(terms, self.starts)


class _Sums:
    """Sums of products."""

    def __init__(self, rows: slice, total: _Total, constants: Any) -> None:
        self.rows, self.total, self.constants = rows, total, constants
        self.have_constants = constants.any()

    def run(self, store: Any) -> None:
        found = self.total.of(store, store)
        if self.have_constants:
            found += _upright(self.constants, store)
        store[self.rows] = found

    def uses(self) -> _Uses:
        left, right = self.total.left, self.total.right
        user = self.total.row + self.rows.start
        return _Uses(
            np.concatenate([left, right]),
            np.concatenate([user, user]),
            np.concatenate([right, left]),
            np.tile(self.total.coefficients, 2),
        )


class _Maps:
    """An elementwise function, and its partial derivatives from some place on."""

    def __init__(self, rows: slice, function: _Function, operands: Ints, start: int) -> None:
        self.rows, self.function, self.operands = rows, function, operands
        self.partials = np.arange(start, start + operands.size).reshape(operands.shape)
        self.slices = [slice(row[0], row[-1] + 1) for row in self.partials]

    def run(self, store: Any) -> None:
        store[self.rows], partials = self.function(*(store[i] for i in self.operands))
        for rows, partial in zip(self.slices, partials, strict=True):
            store[rows] = partial

    def uses(self) -> _Uses:
        user = np.arange(self.rows.start, self.rows.stop)
        return _Uses(
            self.operands.ravel(),
            np.tile(user, len(self.operands)),
            self.partials.ravel(),
            np.ones(self.operands.size),
        )


class _Maxima:
    """The largest of sequences, through which no gradient flows."""

    def __init__(self, rows: slice, counts: Ints, operands: Ints) -> None:
        self.rows, self.operands = rows, operands
        self.starts = np.cumsum(counts) - counts

    def run(self, store: Any) -> None:
        store[self.rows] = np.maximum.reduceat(store[self.operands], self.starts)

    def uses(self) -> _Uses:
        nothing = np.zeros(0, int)
        return _Uses(nothing, nothing, nothing, np.zeros(0))


class _Slopes:
    """The slopes of some scalars, from their uses."""

    def __init__(self, uses: _Uses, one: int) -> None:
        self.rows, counts = np.unique(uses.source, return_counts=True)
        self.total = _Total(counts, uses.user, uses.factor, uses.coefficient, one)

    def run(self, slopes: Any, store: Any) -> None:
        slopes[self.rows] = self.total.of(slopes, store)


def _on_arrays(primitive: Primitive) -> _Function:
    """A primitive as a function of arrays, that returns its value and its partials."""
    names = [f"x{i}" for i in range(len(primitive.operands))]
    value, partials = spelled(primitive, names, "y")
    source = (
        f"def function({', '.join(names)}):\n"
        f"    y = {value.text}\n"
        f"    return y, ({', '.join(map(source_of, partials))},)\n"
    )
    # It is made of the text of the rule, which `spelled` writes, and of these names.
    namespace = {**vars(arrays), "np": np}
    exec(builtins.compile(source, f"<{primitive.__name__} on arrays>", "exec"), namespace)
    function: _Function = namespace["function"]
    return function


def _upright(numbers: Any, like: Any) -> Any:
    """Numbers in a row, with an axis of length one for the examples of a batch."""
    return numbers.reshape(-1, *(1,) * (like.ndim - 1))


def _listed(scheduled: list[dict[Operation, list[int]]]) -> list[str]:
    lines = []
    for depth, groups in enumerate(scheduled[:_MOST_LISTED], 1):
        each = [
            f"{len(members)} {operation if isinstance(operation, str) else operation.name}"
            for operation, members in groups.items()
        ]
        lines.append(f"level {depth}: {', '.join(each)}")
    return lines if len(scheduled) <= _MOST_LISTED else [*lines, "..."]
