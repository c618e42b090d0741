"""Fourth pass, for other array libraries: a plan in the spelling of the array API standard.

Every line makes a new array, and nothing is written in place: so it can be traced and
differentiated by the library.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograd_engine import primitives
from autograd_engine.compiler.ir import Array, MapStatement, MaximumStatement, Plan, Ref
from autograd_engine.compiler.names import Names, name_of
from autograd_engine.compiler.nests import Nest, simplified
from autograd_engine.compiler.roll import referenced
from autograd_engine.compiler.spelling import COMPARISON, Expression
from autograd_engine.rules import Primitive

__all__ = ["Functional", "emit_functional"]

Letters: TypeAlias = tuple[int, ...]
Shape: TypeAlias = tuple[int, ...]
Loops: TypeAlias = tuple[tuple[int, int], ...]  # the stride and the length of each
Piece: TypeAlias = tuple[Expression, Letters]  # an expression, and which loop each axis is


@dataclass
class Functional:
    """Source of a pure function, and what it needs.

    Attributes
    ----------
    name : str
        Of the function, which takes the parameters and the batches.
    source : str
        Besides the library as `xp`, it calls `constant`, `one_hot` and mathematics.
    constants : dict of str to numpy.ndarray
    """

    name: str
    source: str
    constants: dict[str, Any]


def emit_functional(
    plan: Plan,
    count: int,
    name: str,
    arguments: Sequence[tuple[str, Shape, list[int] | None]],
    labels: Sequence[str],
    recorded: int,
) -> Functional:
    """Source in the spelling of the array API standard.

    Parameters
    ----------
    plan : Plan
        Forward, of a batch.
    count : int
        How many examples it has.
    name : str
        Of the function.
    arguments : sequence of (str, tuple of int, list of int or None)
        For each batch its name, the shape of an example, and if it has integers that choose, from
        how many each.
    labels : sequence of str
        Of the parameters.
    recorded : int
        How many scalars it was, for the heading.

    Returns
    -------
    Functional
    """
    return _Emitter(plan, count, name, arguments, labels, recorded).run()


class _Emitter:
    def __init__(
        self,
        plan: Plan,
        count: int,
        name: str,
        arguments: Sequence[tuple[str, Shape, list[int] | None]],
        labels: Sequence[str],
        recorded: int,
    ) -> None:
        self.plan = plan
        self.count = count
        self.labels = labels
        self.recorded = recorded
        self.names = Names()
        self.names.taken |= {*_OWN, "constant", "one_hot", "xp"}
        self.function = name_of(name) or "program"
        while self.function in self.names.taken:
            self.function += "_"
        self.constants: dict[str, Any] = {}
        self.written: dict[Array, str] = {}
        self.arguments: list[tuple[Array, Shape, list[int] | None]] = []
        for given, shape, choices in arguments:
            free = self.free(name_of(given) or "x")
            seen = shape if choices is None else (sum(choices),)
            if choices and len(set(choices)) == 1:
                seen = (*shape, choices[0])
            self.arguments.append((Array(free, (count, *seen), "input"), shape, choices))
        self.views: dict[Any, str] = {}
        self.head: list[str] = []
        self.lines: list[str] = []

    def run(self) -> Functional:
        nests, _ = simplified(self.plan)
        for array, group in groupby(nests, key=lambda nest: nest.out.array):
            self.group(array, list(group))
        root, _ = self.view(self.plan.root, ())
        lines = [*self.head, *self.lines, f"return {root.text}"]
        names = ["params", *(array.name for array, _, _ in self.arguments)]
        source = [
            f"# {self.recorded:,} recorded scalars of one example, in {len(self.lines)} lines",
            f"def {self.function}({', '.join(names)}):",
            *(f"    {line}" for line in lines),
            "",
        ]
        return Functional(self.function, "\n".join(source), self.constants)

    # --- arguments ---------------------------------------------------------------------------

    def argument(self, ref: Ref, sizes: Shape) -> Ref:
        """What is read of all inputs in a row, as a reference into the argument where it is."""
        rows, columns = np.divmod(ref.positions(sizes), ref.array.size // self.count)
        start = 0
        for array, _, _ in self.arguments:
            width = array.size // self.count
            if start <= columns.min() and columns.max() < start + width:
                return referenced(array, rows * width + columns - start)
            start += width
        return ref

    def given(self, array: Array) -> str:
        """The name of an argument, or of all of them in a row."""
        natural = _natural(array)
        for each, shape, choices in self.arguments:
            if each is array:
                text = array.name
                own = (self.count, *shape)
                if choices is not None:
                    counts = choices[0] if len(set(choices)) == 1 else tuple(choices)
                    text, own = f"one_hot({text}, {counts}, params)", array.shape
                if choices is not None or own != natural:
                    text = _reshaped(text, own, natural)
                    self.head.append(f"{array.name} = {text}  # {_shape(natural)}")
                return array.name
        rows = [
            _reshaped(self.named(each), _natural(each), (self.count, each.size // self.count))
            for each, _, _ in self.arguments
            if each.size
        ]
        text = _reshaped(
            f"xp.concat([{', '.join(rows)}], axis=1)",
            (self.count, array.size // self.count),
            natural,
        )
        self.head.append(f"inputs = {text}  # {_shape(natural)}")
        return "inputs"

    # --- names -------------------------------------------------------------------------------

    def free(self, name: str) -> str:
        """A name that is not taken, and is then."""
        while name in self.names.taken:
            name += "_"
        self.names.taken.add(name)
        return name

    def named(self, array: Array) -> str:
        if array not in self.written:
            if array.role == "parameters":
                self.written[array] = "params"
            elif array.role == "input":
                self.written[array] = self.given(array)
            else:
                assert array.role == "constant"
                letter = "mask" if array.name == "mask" else "c"
                data = np.reshape(array.data, _natural(array))
                self.written[array] = self.constant(data, letter)
        return self.written[array]

    def constant(self, data: Any, letter: str = "c") -> str:
        name = self.names.new("i" if data.dtype.kind == "i" else letter)
        self.constants[name] = np.array(data)  # its own, and writable, as torch wants it
        self.head.append(f"{name} = constant({name!r}, params)  # {_shape(data.shape)}")
        return name

    def bound(self, letter: str, text: str, shape: Shape) -> str:
        """The name that an expression gets in a line of its own."""
        name = self.free("loss") if letter == "loss" else self.names.new(letter)
        self.lines.append(f"{name} = {text}  # {_shape(shape)}")
        return name

    # --- reading -----------------------------------------------------------------------------

    def view(self, ref: Ref, sizes: Shape) -> Piece:
        """What a reference reads, with an axis for each loop that matters."""
        if ref.array.role == "input":
            ref = self.argument(ref, sizes)
        letters = tuple(i for i in range(len(sizes)) if ref.uses(i))
        name = self.named(ref.array)
        if ref.table is None:
            letters = tuple(sorted(letters, key=lambda i: -ref.strides[i]))
            loops = tuple((ref.strides[i], sizes[i]) for i in letters)
            text = _sliced(name, ref, loops)
            if text is not None:
                if ref.array.role == "parameters" and text != name:
                    text = self.parameter(ref.base, loops, text)
                return Expression(text), letters
            key: Any = (ref.array, ref.base, loops)
        else:
            key = (ref.array, ref.table.tobytes(), ref.table.shape)
        if key not in self.views:
            used = tuple(slice(None) if ref.uses(i) else 0 for i in range(len(sizes)))
            positions = ref.positions(sizes)[used]
            positions = positions.transpose([sorted(letters).index(i) for i in letters])
            shape = tuple(sizes[i] for i in letters)
            self.views[key] = self.bound(f"{name}_", self.picked(ref.array, positions), shape)
        return Expression(self.views[key]), letters

    def parameter(self, base: int, loops: Loops, text: str) -> str:
        """The name of some parameters."""
        if (base, loops) not in self.views:
            label = name_of(self.labels[base]) if base < len(self.labels) else ""
            is_free = label and label not in self.names.taken
            name = self.free(label) if is_free else self.names.new("W" if len(loops) > 1 else "b")
            self.head.append(f"{name} = {text}  # {_shape(tuple(count for _, count in loops))}")
            self.views[base, loops] = name
        return self.views[base, loops]

    def picked(self, array: Array, positions: Any) -> str:
        """The numbers at these positions of an array."""
        text = self.named(array)
        rows, width = _rows(array, positions)
        taken = (rows, positions.size // rows) if rows else (positions.size,)
        text = _reshaped(text, _natural(array), (rows, width) if rows else (width,))
        index = self.constant((positions[0] if rows else positions).reshape(-1))
        return _reshaped(f"xp.take({text}, {index}, axis={len(taken) - 1})", taken, positions.shape)

    # --- statements --------------------------------------------------------------------------

    def group(self, array: Array, nests: list[Nest]) -> None:
        """Nests that write the same array, as one line."""
        shape = _natural(array)
        total: Expression | float = 0.0
        if array in self.written:
            total = Expression(self.written[array])
        for nest in nests:
            coefficient, piece = self.value(nest)
            value: Expression | float = 1.0
            if not nest.covers:
                value = self.scattered(nest, piece)
            elif piece is not None:
                value = _fitted(nest, piece, isinstance(total, Expression))
            if isinstance(nest.statement, MaximumStatement):
                both = nest.accumulate and isinstance(total, Expression)
                total = _called("xp.maximum", total, value) if both else value
            else:
                term = value if abs(coefficient) == 1.0 else abs(coefficient) * value
                if total == 0.0:
                    total = -term if coefficient < 0.0 else term
                else:
                    total = total - term if coefficient < 0.0 else total + term
        if not isinstance(total, Expression):
            total = Expression(self.constant(np.full(shape, total)))
        name = "loss" if array is self.plan.root.array and not shape else self.letter(nests)
        self.written[array] = self.bound(name, total.text, shape)

    def letter(self, nests: list[Nest]) -> str:
        """By which a result is named: z for what parameters make, and so on."""
        statement = nests[0].statement
        if isinstance(statement, MapStatement):
            return _LETTERS.get(statement.primitive.name, "a")
        if isinstance(statement, MaximumStatement):
            return "m"
        read = [read.ref.array.role for nest in nests for read in nest.reads if read.ref]
        return "z" if "parameters" in read else "s"

    def value(self, nest: Nest) -> tuple[float, Piece | None]:
        """What is written, as a coefficient and what it multiplies."""
        coefficient = math.prod((read.coefficient for read in nest.reads), start=nest.coefficient)
        pieces = [self.view(read.ref, nest.sizes) for read in nest.reads if read.ref is not None]
        if isinstance(nest.statement, MapStatement):
            return coefficient, self.mapped(nest.statement.primitive, pieces, nest.sizes)
        if isinstance(nest.statement, MaximumStatement):
            return coefficient, _reduced("xp.max", pieces[0], nest.out_loops)
        used = {letter for _, letters in pieces for letter in letters}.union(nest.out_loops)
        for letter, size in enumerate(nest.sizes):
            if letter not in used:  # a loop that matters to nobody repeats the sum
                coefficient *= size
        return coefficient, _summed(pieces, nest)

    def mapped(self, primitive: Primitive, pieces: list[Piece], sizes: Shape) -> Piece:
        letters = tuple(sorted({letter for _, letters in pieces for letter in letters}))
        operands = [_aligned(piece, letters) for piece in pieces]
        value = _spelled(primitive, operands)
        for i, operand in enumerate(operands):  # what is long and occurs twice gets a name
            if not operand.text.isidentifier() and value.text.count(operand.text) > 1:
                shape = tuple(sizes[letter] for letter in pieces[i][1])
                operands[i] = Expression(self.bound("v", operand.text, shape))
                value = _spelled(primitive, operands)
        return value, letters

    def scattered(self, nest: Nest, piece: Piece | None) -> Expression:
        """An array that has what is written where it is written, and elsewhere what is neutral.

        What goes to the same position is gathered, filled up, and summed: nothing is scattered.
        """
        array, kept = nest.out.array, nest.out_loops
        sizes = tuple(nest.sizes[i] for i in kept)
        positions = nest.out.positions(nest.kept(nest.out)).reshape(sizes)
        is_maximum = isinstance(nest.statement, MaximumStatement)
        neutral, total = ("-xp.inf", "xp.max") if is_maximum else ("0.0", "xp.sum")
        rows, width = _rows(array, positions)
        cells = (positions[0] if rows else positions).reshape(-1)
        lead = (rows,) if rows else ()
        text = "xp.ones_like(params[0])" if piece is None else _aligned(piece, kept).text
        if piece is None or len(piece[1]) < len(kept):
            text = f"xp.broadcast_to({text}, {_shape(sizes)})"
        shape = (*lead, len(cells))
        name = self.bound("t", _reshaped(text, sizes, shape), shape)
        end = f"xp.full_like({name}[..., :1], {neutral})"
        name = self.bound("t", f"xp.concat([{name}, {end}], axis=-1)", (*lead, len(cells) + 1))
        parts, place = [], np.zeros(width, int)
        found = 0
        for members, table in _segments(cells, width):
            part = f"xp.take({name}, {self.constant(table.reshape(-1))}, axis=-1)"
            if table.shape[1] > 1:
                part = f"{total}(xp.reshape({part}, {_shape((*lead, *table.shape))}), axis=-1)"
            place[members] = np.arange(found, found + len(members))
            found += len(members)
            parts.append(part)
        text = parts[0]
        if len(parts) > 1 or not np.array_equal(place, np.arange(found)):
            joined = self.bound("t", f"xp.concat([{', '.join(parts)}], axis=-1)", (*lead, found))
            text = f"xp.take({joined}, {self.constant(place)}, axis=-1)"
        return Expression(_reshaped(text, (*lead, width), _natural(array)))


# --- pieces of source ----------------------------------------------------------------------------


def _fitted(nest: Nest, piece: Piece, added: bool) -> Expression:
    """What is written as an array of the right shape; if it is added, axes may lack."""
    kept, natural = nest.out_loops, _natural(nest.out.array)
    shape = tuple(nest.sizes[i] for i in kept)
    text = _aligned(piece, kept)
    if len(piece[1]) < len(kept) and not (added and shape == natural):
        text = _called("xp.broadcast_to", text, _shape(shape))
    return _formed(text, shape, natural)


def _summed(pieces: list[Piece], nest: Nest) -> Piece | None:
    """The product of some, summed over the loops that the result lacks."""
    kept = nest.out_loops
    while len(pieces) > 2:  # the smallest first
        pieces = sorted(pieces, key=lambda piece: len(piece[1]))
        pieces = [_product(pieces[0], pieces[1]), *pieces[2:]]
    if not pieces:
        return None
    if len(pieces) == 1:
        return _reduced("xp.sum", pieces[0], kept)
    left, right = (
        _reduced("xp.sum", piece, {*kept, *other[1]})
        for piece, other in zip(pieces, reversed(pieces), strict=True)
    )
    return _contracted(left, right, kept, nest.sizes)


def _product(a: Piece, b: Piece) -> Piece:
    letters = tuple(sorted({*a[1], *b[1]}))
    return _aligned(a, letters) * _aligned(b, letters), letters


def _reduced(function: str, piece: Piece, kept: Iterable[int]) -> Piece:
    """A sum or maximum over the loops that are not kept."""
    text, letters = piece
    axes = tuple(i for i, letter in enumerate(letters) if letter not in set(kept))
    if not axes:
        return piece
    which = "" if len(axes) == len(letters) else f"axis={axes[0] if len(axes) == 1 else axes}"
    left = tuple(letter for letter in letters if letter in set(kept))
    return _called(function, text, *[which] * bool(which)), left


def _contracted(a: Piece, b: Piece, kept: Letters, sizes: Shape) -> Piece:
    """The product of two, summed over the loops that they share and that are not kept."""
    inner = tuple(i for i in a[1] if i in b[1] and i not in kept)
    both = tuple(i for i in a[1] if i in b[1] and i in kept)
    rows = tuple(i for i in a[1] if i not in b[1])
    columns = tuple(i for i in b[1] if i not in a[1])
    if not inner or (both and not (rows and columns)):
        return _reduced("xp.sum", _product(a, b), kept)
    if rows and columns and rows > columns:
        a, b, rows, columns = b, a, columns, rows
    letters = (*both, *rows, *columns)
    if rows and len(inner) == len(columns) == 1 and a[1] == (*rows, *inner):
        text = a[0] @ _turned(b, (*inner, *columns))[0]
    elif not both and max(map(len, (inner, rows, columns))) > 1:
        axes = tuple(tuple(piece[1].index(i) for i in inner) for piece in (a, b))
        text = _called("xp.tensordot", a[0], b[0], f"axes={axes}")
    else:
        shape = tuple(sizes[i] for i in letters)
        text = _merged(a, both, rows, inner, sizes) @ _merged(b, both, inner, columns, sizes)
        text = _formed(text, _merged_shape(both, rows, columns, sizes), shape)
    return _turned((text, letters), tuple(i for i in kept if i in letters))


def _merged(
    piece: Piece, both: Letters, rows: Letters, columns: Letters, sizes: Shape
) -> Expression:
    """A matrix, or a stack of matrices."""
    text, letters = _turned(piece, (*both, *rows, *columns))
    shape = tuple(sizes[i] for i in letters)
    return _formed(text, shape, _merged_shape(both, rows, columns, sizes))


def _merged_shape(both: Letters, rows: Letters, columns: Letters, sizes: Shape) -> Shape:
    sides = [math.prod(sizes[i] for i in side) for side in (rows, columns) if side]
    return (*(sizes[i] for i in both), *sides)


def _turned(piece: Piece, letters: Letters) -> Piece:
    """With the same axes in another order."""
    text, own = piece
    if own == letters:
        return piece
    if len(own) == 2:
        return text.then(".T"), letters
    order = tuple(own.index(letter) for letter in letters)
    return _called("xp.permute_dims", text, order), letters


def _aligned(piece: Piece, letters: Letters) -> Expression:
    """With axes for these loops."""
    text, own = _turned(piece, tuple(letter for letter in letters if letter in piece[1]))
    if own == letters[len(letters) - len(own) :]:  # axes in front are added by themselves
        return text
    index = ", ".join(":" if letter in own else "None" for letter in letters)
    return text.then(f"[{index}]")


def _sliced(name: str, ref: Ref, loops: Loops) -> str | None:
    """A reference that follows strides, as slices of a reshaped array; None if it is no such.

    The loops are in the order of storage.
    """
    natural, size = _natural(ref.array), ref.array.size
    forms = [(0, natural, name)]  # where such slices may start, and of what
    steps = [step for step, _ in loops]
    if not loops:
        pass
    elif min(steps) <= 0 or any(one % other for one, other in pairwise(steps)):
        return None
    elif len(loops) == len(natural) == 1 and steps[0] > 1:
        step, count = loops[0]
        return f"{name}[{ref.base}:{ref.base + (count - 1) * step + 1}:{step}]"
    else:
        inner = [one // other for one, other in pairwise(steps)] + steps[-1:]
        inner = inner[:-1] if inner[-1] == 1 else inner
        form = (loops[0][1], *inner)
        whole = math.prod(form)
        flat = _reshaped(name, natural, (size,))
        for start in (ref.base, ref.base - ref.base % steps[0]):
            part = name if whole == size else f"{flat}[{start}:{start + whole}]"
            if start + whole <= size:
                forms.append((start, form, f"xp.reshape({part}, {_shape(form)})"))
        if size % steps[0] == 0:
            form = (size // steps[0], *inner)
            forms.append((0, form, f"xp.reshape({name}, {_shape(form)})"))
    for start, form, text in forms:
        index = _index(form, ref.base - start, loops)
        if index is not None:
            is_whole = all(part == ":" for part in index)
            return text if is_whole else f"{text}[{', '.join(index)}]"
    return None


def _index(shape: Shape, base: int, loops: Loops) -> list[str] | None:
    """Which slices of an array of this shape start there and take these steps; None if none do."""
    counts = dict(loops)
    if len(counts) < len(loops):  # windows that overlap
        return None
    parts = []
    step = math.prod(shape)
    for size in shape:
        step //= size
        digit, base = divmod(base, step)
        count = counts.pop(step, None)
        if count is None:
            parts.append(str(digit))
        elif digit + count > size:
            return None
        else:
            parts.append(":" if count == size else f"{digit}:{digit + count}")
    return None if counts else parts


def _rows(array: Array, positions: Any) -> tuple[int, int]:
    """How many rows an array has, and their width, if positions are alike in each; else no rows."""
    natural = _natural(array)
    if len(natural) > 1 and positions.shape[:1] == natural[:1]:
        width = array.size // natural[0]
        first = positions[0]
        shifts = (np.arange(natural[0]) * width).reshape((-1,) + (1,) * first.ndim)
        if first.min() >= 0 and first.max() < width and np.array_equal(positions, first + shifts):
            return natural[0], width
    return 0, array.size


def _segments(cells: Any, width: int) -> list[tuple[Any, Any]]:
    """Which numbers go to each position: tables for positions that get about as many.

    A table has a row for each of its positions and as many columns as a power of two; where there
    are not so many numbers, and for positions that get none, it has the number after the last.
    """
    order = np.argsort(cells, kind="stable")
    counts = np.bincount(cells, minlength=width)
    starts = np.cumsum(counts) - counts
    lengths = 2 ** np.ceil(np.log2(np.maximum(counts, 1))).astype(int)
    sources = np.append(order, len(cells))
    tables = []
    for length in np.unique(lengths):
        members = np.flatnonzero(lengths == length)
        column = np.arange(length)
        where = np.where(column < counts[members, None], starts[members, None] + column, -1)
        tables.append((members, sources[where]))
    return tables


def _formed(text: Expression, shape: Shape, wanted: Shape) -> Expression:
    return text if shape == wanted else Expression(_reshaped(text.text, shape, wanted))


def _reshaped(text: str, shape: Shape, wanted: Shape) -> str:
    return text if shape == wanted else f"xp.reshape({text}, {_shape(wanted)})"


def _called(name: str, *operands: Any) -> Expression:
    return Expression(f"{name}({', '.join(map(_number, operands))})")


def _number(x: Any) -> str:
    if isinstance(x, float) and not math.isfinite(x):
        return "xp.nan" if math.isnan(x) else "xp.inf" if x > 0.0 else "-xp.inf"
    return x.text if isinstance(x, Expression) else str(x)


def _shape(shape: Shape) -> str:
    return str(tuple(map(int, shape)))


def _natural(array: Array) -> Shape:
    """The shape of an array in the program, where axes of one are left out."""
    if array.role == "parameters":  # which are given in a row
        return array.shape
    return tuple(size for size in array.shape if size > 1)


_LETTERS = {"exp": "e", "log": "lg", "reciprocal": "r", "sqrt": "r"}


# --- the functions of primitives -----------------------------------------------------------------


def _spelled(primitive: Primitive, operands: Sequence[Expression]) -> Expression:
    """The value of a primitive, spelled such that the library's derivative of it is right, too."""
    if primitive in (primitives.maximum, primitives.minimum):
        return _called(f"xp.{primitive.name}", *operands)  # libraries split ties as the table does
    mathematics = _MATHEMATICS
    if primitive.definition in _EXPONENTIAL_BELOW:
        # Where it is not chosen the exponential would overflow, and its derivative be inf * 0.
        def expm1(x: Any) -> Expression:
            return _called("xp.expm1", _where(operands[0] > 0.0, 0.0, x))

        mathematics = SimpleNamespace(**{**vars(_MATHEMATICS), "expm1": expm1})
    value, _ = primitive.rule(mathematics, *operands)
    return value if isinstance(value, Expression) else Expression(_number(value))


_EXPONENTIAL_BELOW = {p.definition for p in (primitives.elu, primitives.selu, primitives.celu)}


def _where(condition: Any, if_true: Any, if_false: Any) -> Any:
    if isinstance(condition, bool):
        return if_true if condition else if_false
    if condition.binding != COMPARISON:  # a mask of 0 and 1
        condition = Expression(f"{condition.text} != 0.0", COMPARISON)
    return _called("xp.where", condition, if_true, if_false)


def _equal(x: Any, y: Any) -> Any:
    if isinstance(x, Expression) or isinstance(y, Expression):
        return Expression(f"{_number(x)} == {_number(y)}", COMPARISON)
    return x == y


def _power(x: Any, y: Any) -> Expression:
    base, exponent = (z.held() if isinstance(z, Expression) else f"({_number(z)})" for z in (x, y))
    return Expression(f"({base} ** {exponent})")


def _function(name: str) -> Callable[..., Expression]:
    return lambda *operands: _called(name, *operands)


_STANDARD = (
    *("sign", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
)
_OWN = (
    *("cbrt", "erf", "erfc", "exp2", "hypot", "logsigmoid", "normal_cdf", "normal_pdf"),
    *("saturate", "sech2", "sigmoid", "softplus", "step"),
)
# At kinks libraries differ: jax's derivative of abs at 0 is 1, and where a bound is reached they
# split it. So these are spelled with comparisons, and have the derivatives of the table.
_MATHEMATICS = SimpleNamespace(
    **{name: _function(f"xp.{name}") for name in _STANDARD},
    **{name: _function(name) for name in _OWN},
    abs=lambda x: _called("xp.sign", x) * x,
    maximum=lambda x, bound: _where(x <= bound, bound, x),
    minimum=lambda x, bound: _where(x >= bound, bound, x),
    pow=_power,
    where=_where,
    equal=_equal,
    pow_slope=_function("pow_slope"),  # of derivatives, which are not written
)
