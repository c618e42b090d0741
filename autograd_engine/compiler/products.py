"""Sums of products of two arrays: as one matrix product, wherever there is one in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

from autograd_engine.compiler.spelling import ATOM, Expression
from autograd_engine.compiler.views import permuted, reshaped

__all__ = ["Computed", "Operand", "aligned", "product", "singles", "summed"]

Axes: TypeAlias = Sequence[tuple[int, ...]]


class Operand(Protocol):
    """An array whose axes are loops."""

    @property
    def letters(self) -> tuple[int, ...]:
        """All its loops, in the order of its axes."""

    def spelled(self, axes: Axes) -> Expression:
        """Source with these axes, each of them a loop or several one after another."""

    def cost(self, axes: Axes) -> int:
        """How many numbers are copied for it."""


class Computed:
    """What an expression gives.

    Parameters
    ----------
    axes : tuple of tuples of int
        The loops of each axis.
    expression : Expression
    sizes : sequence of int
        Of all loops.
    """

    def __init__(self, axes: Axes, expression: Expression, sizes: Sequence[int]) -> None:
        self.axes = tuple(axes)
        self.expression = expression
        self.sizes = sizes
        self.letters = tuple(letter for axis in axes for letter in axis)

    def spelled(self, axes: Axes) -> Expression:
        """As `Operand` says."""
        expression, own = self.expression, self.axes
        wanted = tuple(letter for axis in axes for letter in axis)
        if wanted != self.letters:
            if any(len(axis) != 1 for axis in own):
                expression = expression.then(reshaped("", [self.sizes[i] for i in self.letters]))
            expression = expression.then(permuted("", [self.letters.index(i) for i in wanted]))
            own = singles(wanted)
        if tuple(axes) != own:
            shape = [math.prod(self.sizes[i] for i in axis) for axis in axes]
            expression = expression.then(reshaped("", shape))
        return expression

    def cost(self, axes: Axes) -> int:
        """As `Operand` says."""
        wanted = tuple(letter for axis in axes for letter in axis)
        if wanted == self.letters or all(len(axis) == 1 for axis in axes):
            return 0
        return math.prod(self.sizes[i] for i in self.letters)


def singles(letters: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """An axis for each loop."""
    return tuple((letter,) for letter in letters)


def aligned(operand: Operand, letters: Sequence[int]) -> Expression:
    """Source that broadcasts to an axis for each of these loops."""
    present = [letter for letter in letters if letter in operand.letters]
    return _padded(operand.spelled(singles(present)), letters, set(present))


def _padded(expression: Expression, letters: Sequence[int], present: set[int]) -> Expression:
    index = [":" if letter in present else "None" for letter in letters]
    while index and index[0] == "None":  # NumPy adds axes in front by itself
        del index[0]
    if "None" not in index:
        return expression
    while index[-1] == ":":
        del index[-1]
    return expression.then(f"[{', '.join(index)}]")


def summed(operand: Operand, letters: Sequence[int], sizes: Sequence[int]) -> Operand:
    """Without these loops, over which it is summed."""
    if not letters:
        return operand
    left = [letter for letter in operand.letters if letter not in letters]
    axes = [i for i, letter in enumerate(operand.letters) if letter in letters]
    text = "" if not left else str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
    expression = operand.spelled(singles(operand.letters)).then(f".sum({text})")
    return Computed(singles(left), expression, sizes)


def product(a: Operand, b: Operand, out: Sequence[int], sizes: Sequence[int]) -> Operand:
    """The product of two operands, summed over the loops that are not in `out`.

    Parameters
    ----------
    a, b : Operand
    out : sequence of int
        The loops of the result, in the order in which they are wanted.
    sizes : sequence of int
        Of all loops.

    Returns
    -------
    Operand
        With the loops of `out` that are in either.
    """
    a = summed(a, [i for i in a.letters if i not in b.letters and i not in out], sizes)
    b = summed(b, [i for i in b.letters if i not in a.letters and i not in out], sizes)
    out = [i for i in out if i in a.letters or i in b.letters]
    inner = [i for i in a.letters if i in b.letters and i not in out]
    rows = [i for i in out if i not in b.letters]
    columns = [i for i in out if i not in a.letters]
    if not inner:
        return Computed(singles(out), aligned(a, out) * aligned(b, out), sizes)
    if not out:
        axes = [tuple(inner)]
        x, y = a.spelled(axes), b.spelled(axes)
        return Computed((), x @ y, sizes)
    both = len(out) - len(rows) - len(columns)
    if both and not (rows and columns):
        return _row_products(a, b, out, inner, sizes)
    if not rows or not columns:
        return _matrix_times_vector(a, b, out, inner, sizes)
    return _matrix_product(a, b, out, inner, sizes)


def _row_products(
    a: Operand, b: Operand, out: Sequence[int], inner: Sequence[int], sizes: Sequence[int]
) -> Operand:
    """The product of each row with another one."""
    rows = [(x, [i for i in out if i in x.letters]) for x in (a, b)]
    order = _best_order(inner, [(x, list(singles(own))) for x, own in rows])
    x, y = (
        _padded(x.spelled([*singles(own), order]), [*out, -1], {*own, -1}).text for x, own in rows
    )
    return Computed(singles(out), Expression(f"vecdot({x}, {y})"), sizes)


def _matrix_times_vector(
    a: Operand, b: Operand, out: Sequence[int], inner: Sequence[int], sizes: Sequence[int]
) -> Operand:
    if len(a.letters) < len(b.letters):
        a, b = b, a
    rows = tuple(out)
    order = _best_order(inner, [(a, [rows]), (b, [])])
    matrix, vector = a.spelled([rows, order]), b.spelled([order])
    if matrix.binding == ATOM and matrix.text.endswith(".T"):
        return Computed((rows,), vector @ Expression(matrix.text.removesuffix(".T")), sizes)
    return Computed((rows,), matrix @ vector, sizes)


def _matrix_product(
    a: Operand, b: Operand, out: list[int], inner: list[int], sizes: Sequence[int]
) -> Operand:
    """a @ b, with the loops of the result that come first as a batch.

    Where several loops are rows, columns, or summed, they are made one by a reshape.
    """
    # With all rows and columns together there is one product, but its axes may be mixed up.
    both = [i for i in out if i in a.letters and i in b.letters]
    if next(i for i in out if i not in both) in b.letters:
        a, b = b, a
    alone = [[i for i in out if i not in x.letters] for x in (b, a)]
    choices = [_Arrangement(a, b, both, alone[0], alone[1], out, inner, sizes)]
    columns, rest = _last_run(out, a, b)
    if columns[0] in a.letters:
        a, b = b, a
    rows, batch = _last_run(rest, b, a)
    if not {*rows, *columns} & {*both} and rows and rows[0] not in b.letters:
        choices.append(_Arrangement(a, b, batch, rows, columns, out, inner, sizes))
    return min(choices, key=lambda choice: choice.cost).product()


class _Arrangement:
    """Loops as a batch, rows, and columns of a product; and what that costs."""

    def __init__(
        self,
        a: Operand,
        b: Operand,
        batch: list[int],
        rows: list[int],
        columns: list[int],
        out: list[int],
        inner: list[int],
        sizes: Sequence[int],
    ) -> None:
        self.a, self.b, self.sizes = a, b, sizes
        self.batch, self.rows, self.columns = batch, tuple(rows), tuple(columns)
        choices = []
        # A loop that comes first in both may be summed after the product, if that saves copies.
        for after in ((), tuple(inner[:1])) if len(inner) > 1 and not batch else ((),):
            left, right = self._outer(after)
            order = _best_order([i for i in inner if i not in after], [(a, left), (b, right)])
            cost = a.cost([*left, order]) + b.cost([*right[:-1], order, right[-1]])
            if after:
                cost += math.prod(sizes[i] for i in (*after, *out))
            choices.append((cost, after, order))
        self.cost, self.after, self.order = min(choices)
        self.cost += _CALL * math.prod(sizes[i] for i in batch)
        if [*batch, *rows, *columns] != out:
            self.cost += math.prod(sizes[i] for i in out)

    def _outer(self, after: tuple[int, ...]) -> list[list[tuple[int, ...]]]:
        """The axes of each operand without that which is summed in the product."""
        return [
            [
                *([after] if after else []),
                *singles(i for i in self.batch if i in operand.letters),
                own,
            ]
            for operand, own in ((self.a, self.rows), (self.b, self.columns))
        ]

    def product(self) -> Operand:
        """Source for it."""
        left, right = self._outer(self.after)
        x = self.a.spelled([*left, self.order])
        y = self.b.spelled([*right[:-1], self.order, right[-1]])
        x, y = (
            _padded(z, [*self.batch, -1, -2], {-1, -2, *operand.letters})
            for z, operand in ((x, self.a), (y, self.b))
        )
        result = (x @ y).then(".sum(0)" if self.after else "")
        return Computed((*singles(self.batch), self.rows, self.columns), result, self.sizes)


_CALL = 100  # a matrix product of a batch costs as much as to copy so many numbers


def _last_run(letters: Sequence[int], a: Operand, b: Operand) -> tuple[list[int], list[int]]:
    """The last loops that are all in one operand alone, and those before."""
    run: list[int] = []
    rest = list(letters)
    while rest and (not run or (rest[-1] in a.letters) == (run[0] in a.letters)):
        if rest[-1] in a.letters and rest[-1] in b.letters and run:
            break
        run.insert(0, rest.pop())
    return run, rest


def _best_order(
    inner: Sequence[int], operands: Sequence[tuple[Operand, list[tuple[int, ...]]]]
) -> tuple[int, ...]:
    """The order of the loops summed over for which the least is copied."""
    if len(inner) == 1:
        return tuple(inner)
    orders = [tuple(i for i in operand.letters if i in inner) for operand, _ in operands]
    return min(orders, key=lambda order: sum(x.cost([*axes, order]) for x, axes in operands))
