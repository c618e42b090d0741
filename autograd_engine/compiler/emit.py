"""Fourth pass: NumPy source for a plan.

Every array is allocated once, and every view of it made once: a step is then nothing but array
operations on names. The views stand above the step, with their shapes.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd_engine.compiler import arrays
from autograd_engine.compiler.ir import (
    Array,
    MapStatement,
    MaximumStatement,
    Plan,
    Ref,
    Statement,
    SumStatement,
)
from autograd_engine.compiler.spelling import Expression, spelled

__all__ = ["Emitted", "emit"]


class Emitted:
    """Source, and what it needs.

    Attributes
    ----------
    source : str
        Defines ``make(params, grads, inputs, constants)``, which returns ``forward`` and
        ``backward``.
    constants : dict of str to numpy.ndarray
    """

    def __init__(self, source: str, constants: dict[str, Any]) -> None:
        self.source = source
        self.constants = constants


def emit(
    plan: Plan, dtype: str = "float64", comment: str = "", labels: Sequence[str] = ()
) -> Emitted:
    """NumPy source for a plan.

    Parameters
    ----------
    plan : Plan
    dtype : {"float64", "float32"}
    comment : str
        What stands at the top.
    labels : sequence of str
        Of the parameters, from which the names of their arrays are made.

    Returns
    -------
    Emitted
    """
    return _Emitter(plan, dtype, comment, labels).run()


class _View:
    """An array seen with an axis for each of some loops."""

    def __init__(self, name: str, letters: tuple[int, ...], array: Any) -> None:
        self.name = name
        self.letters = letters
        self.array = array  # with the same shape and strides, to look at


class _Emitter:
    def __init__(self, plan: Plan, dtype: str, comment: str, labels: Sequence[str]) -> None:
        self.labels = labels
        self.taken: set[str] = set()
        self.plan = plan
        self.dtype = dtype
        self.comment = comment
        self.names: dict[Array, str] = {}
        self.constants: dict[str, Any] = {}
        self.allocations: list[str] = []
        self.hoisted: list[str] = []
        self.views: dict[Any, str] = {}
        self.counts: dict[str, int] = {}
        self.buffers: dict[Array, Any] = {}
        self.lines: list[str] = []

    def run(self) -> Emitted:
        for statement in self.plan.forward:
            self.statement(statement)
        forward = self.lines
        self.lines = []
        for statement in self.plan.backward:
            self.statement(statement)
        backward = self.lines
        root = self.plan.root
        value = f"float({self.flat(root.array)}[{root.base}])"
        body = ["import numpy as np", "from numpy.lib.stride_tricks import as_strided"]
        body += ["from autograd_engine.compiler.arrays import *", "", ""]
        body += ["def make(params, grads, inputs, constants):"]
        body += [f"    {line}" for line in self.allocations] + [_HOISTED]
        body += ["", "    def forward():"]
        body += [f"        {line}" for line in [*_in_place(forward), f"return {value}"]]
        body += ["", "    def backward():"]
        body += [
            f"        {line}" for line in [*_in_place(backward), *([] if backward else ["pass"])]
        ]
        if self.plan.outputs:
            views = [self.output(ref) for ref in self.plan.outputs]
            body += ["", "    outputs = [" + ", ".join(views) + "]"]
            body[body.index(_HOISTED)] = "\n".join(f"    {line}" for line in self.hoisted)
            body += ["    return forward, backward, outputs", ""]
        else:
            body[body.index(_HOISTED)] = "\n".join(f"    {line}" for line in self.hoisted)
            body += ["", "    return forward, backward", ""]
        comment = [f"# {line}" for line in self.comment.splitlines()]
        return Emitted("\n".join([*comment, *body]), self.constants)

    def output(self, ref: Ref) -> str:
        """The view of a number that is wanted, over the examples of a batch."""
        if not any(ref.strides):
            return f"{self.flat(ref.array)}[{ref.base}:{ref.base + 1}]"
        return self.view(ref, (ref.array.shape[0],), (0,)).name

    # --- names -------------------------------------------------------------------------------

    def new(self, letter: str) -> str:
        while True:
            self.counts[letter] = self.counts.get(letter, 0) + 1
            name = f"{letter}{self.counts[letter]}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def named(self, array: Array, letter: str = "v") -> str:
        """The name of an array, which is allocated when it is first named."""
        if array in self.names:
            return self.names[array]
        self.buffers[array] = np.zeros(array.size, self.dtype).reshape(array.shape)
        if array.role == "parameters":
            name = "params"
        elif array.role == "input":
            name = "inputs"
        elif array is self.plan.gradients:
            name = "grads"
        elif array.role == "constant":
            name = self.new("mask" if array.name == "mask" else "c")
            self.constants[name] = np.array(array.data, self.dtype).reshape(array.shape)
            text = _triangle(array.data, self.dtype) or f"constants[{name!r}]"
            self.allocations.append(f"{name} = {text}  # {_shape(array.shape)}")
        else:
            if array.role == "gradient":
                source = next(a for a in self.names if f"g{a.name}" == array.name)
                name = f"g{self.names[source]}"
            else:
                name = self.new(letter)
            kind = "" if self.dtype == "float64" else f", np.{self.dtype}"
            self.allocations.append(f"{name} = np.zeros({_shape(array.shape)}{kind})")
        self.names[array] = name
        return name

    def flat(self, array: Array) -> str:
        name = self.named(array)
        return name if len(array.shape) == 1 else f"{name}.reshape(-1)"

    # --- views -------------------------------------------------------------------------------

    def view(self, ref: Ref, sizes: tuple[int, ...], letters: tuple[int, ...]) -> _View:
        """A reference that follows strides, with an axis for each of these loops."""
        name = self.named(ref.array)
        strides = [ref.strides[letter] for letter in letters]
        shape = [sizes[letter] for letter in letters]
        flat = self.buffers[ref.array].reshape(-1)
        item = flat.itemsize
        array = as_strided(flat[ref.base :], shape, [stride * item for stride in strides])
        key = (ref.array, ref.base, tuple(strides), tuple(shape))
        if key not in self.views:
            text = self.spelled_view(ref, name, shape, strides)
            if text.isidentifier():
                self.views[key] = text
            else:
                own = self.view_name(ref, len(letters))
                self.hoisted.append(f"{own} = {text}  # {_shape(shape)}")
                self.views[key] = own
        return _View(self.views[key], letters, array)

    def view_name(self, ref: Ref, axes: int) -> str:
        if ref.array.role == "parameters" or ref.array is self.plan.gradients:
            g = "g" if ref.array is self.plan.gradients else ""
            lowest = ref.base + sum(min(0, s) for s in ref.strides)
            label = self.labels[lowest] if lowest < len(self.labels) else ""
            name = g + _name_of(label, axes)
            if name != g and name not in self.taken:
                self.taken.add(name)
                return name
            return self.new(f"{g}{'W' if axes > 1 else 'b'}")
        return self.new(self.names[ref.array] + "_")

    def spelled_view(self, ref: Ref, name: str, shape: list[int], strides: list[int]) -> str:
        natural = list(ref.array.shape)
        steps = _steps(natural)
        if ref.base == 0:
            plain = [(n, s) for n, s in zip(natural, steps, strict=True) if n > 1]
            wanted = [(n, s) for n, s in zip(shape, strides, strict=True) if n > 1]
            if plain == wanted and len(shape) == len(natural):
                return name
            if sorted(plain) == sorted(wanted) and len(plain) == len(shape) == len(natural):
                order = [plain.index(pair) for pair in wanted]
                if len(set(order)) == len(order):
                    if order == [1, 0]:
                        return f"{name}.T"
                    return f"{name}.transpose({', '.join(map(str, order))})"
        flat = self.flat(ref.array)
        if len(shape) == 1 and strides[0] > 0:
            end = ref.base + (shape[0] - 1) * strides[0] + 1
            step = f":{strides[0]}" if strides[0] > 1 else ""
            return f"{flat}[{ref.base}:{end}{step}]"
        order = sorted(range(len(shape)), key=lambda i: -strides[i])
        if len(shape) == 2 and strides[order[1]] == 1 and shape[order[1]] <= strides[order[0]]:
            rows, row = shape[order[0]], strides[order[0]]
            end = ref.base + rows * row
            if end <= ref.array.size:
                columns = f"[:, :{shape[order[1]]}]" if shape[order[1]] < row else ""
                turned = ".T" if order == [1, 0] else ""
                return f"{flat}[{ref.base}:{end}].reshape({rows}, {row}){columns}{turned}"
        item = self.buffers[ref.array].itemsize
        inner = ", ".join(str(stride * item) for stride in strides)
        return (
            f"as_strided({flat}[{ref.base}:], {_shape(shape)}, ({inner}{',' * (len(shape) == 1)}))"
        )

    def table(self, positions: Any) -> str:
        """The name of a constant table of positions."""
        name = self.new("i")
        self.constants[name] = np.ascontiguousarray(positions)
        self.allocations.append(f"{name} = constants[{name!r}]  # {_shape(positions.shape)}")
        return name

    def read(self, ref: Ref, sizes: tuple[int, ...]) -> _View:
        """What a reference reads, with an axis for each loop that matters."""
        letters = tuple(i for i in range(len(sizes)) if ref.uses(i))
        if ref.table is None:
            if not letters:
                name = self.named(ref.array)
                if math.prod(ref.array.shape) == 1 and ref.array.shape == (1,):
                    return _View(name, (), self.buffers[ref.array])
                return _View(f"{self.flat(ref.array)}[{ref.base}]", (), np.zeros(()))
            return self.view(ref, sizes, letters)
        shape = tuple(sizes[i] for i in letters)
        index = self.table(ref.table.reshape(shape))
        return _View(f"{self.flat(ref.array)}[{index}]", letters, np.zeros(shape))

    def aligned(self, view: _View, letters: tuple[int, ...]) -> str:
        """A view with axes for these loops, which are in the order of its own."""
        if view.letters == letters or not view.letters:
            return view.name
        missing = [i for i, letter in enumerate(letters) if letter not in view.letters]
        if all(i < len(letters) - len(view.letters) for i in missing):
            return view.name  # NumPy adds axes in front by itself
        index = ", ".join(":" if letter in view.letters else "None" for letter in letters)
        return f"{view.name}[{index}]"

    # --- statements --------------------------------------------------------------------------

    def statement(self, statement: Statement) -> None:
        statement = _without_loops_of_one(statement)
        if isinstance(statement, SumStatement):
            self.sum(statement)
        elif isinstance(statement, MapStatement):
            self.map(statement)
        else:
            self.maximum(statement)

    def sum(self, statement: SumStatement) -> None:
        sizes = statement.sizes
        reads = [self.read(factor, sizes) for factor in statement.factors]
        out_letters = tuple(i for i in range(len(sizes)) if statement.out.uses(i))
        coefficient = statement.coefficient
        self.named(statement.out.array, self.letter_of(statement))
        while len(reads) > 2:  # the smallest first
            reads.sort(key=lambda view: len(view.letters))
            first, second = reads[0], reads[1]
            letters = tuple(sorted({*first.letters, *second.letters}))
            name = self.new("t")
            shape = tuple(sizes[i] for i in letters)
            text = f"{self.aligned(first, letters)} * {self.aligned(second, letters)}"
            self.lines.append(f"{name} = {text}")
            reads = [_View(name, letters, np.zeros(shape)), *reads[2:]]
        if statement.out.table is not None or not self.writes_once(statement):
            self.scatter(statement, reads, coefficient)
            return
        used = {letter for view in reads for letter in view.letters}
        for letter, size in enumerate(sizes):  # a loop that matters to nobody repeats the sum
            if letter not in used and letter not in out_letters:
                coefficient *= size
        if not reads:
            self.write(statement, sizes, out_letters, _spelled_number(coefficient))
            return
        if len(reads) == 2 and self.product(statement, reads, out_letters, coefficient):
            return
        self.write(statement, sizes, out_letters, self.reduced(reads, out_letters, coefficient))

    def letter_of(self, statement: SumStatement) -> str:
        kinds = {factor.array.role for factor in statement.factors}
        return "z" if "parameters" in kinds and statement.out.array.shape != (1,) else "s"

    def writes_once(self, statement: SumStatement | MapStatement) -> bool:
        kept = tuple(size if statement.out.uses(i) else 1 for i, size in enumerate(statement.sizes))
        positions = statement.out.positions(kept).ravel()
        return len(np.unique(positions)) == len(positions)

    def reduced(self, reads: list[_View], out_letters: tuple[int, ...], coefficient: float) -> str:
        """An expression with axes for the loops of the result."""
        letters = tuple(sorted({letter for view in reads for letter in view.letters}))
        text = " * ".join(self.aligned(view, letters) for view in reads)
        summed = [i for i, letter in enumerate(letters) if letter not in out_letters]
        if summed:
            inner = text if len(reads) == 1 else f"({text})"
            axes = str(summed[0]) if len(summed) == 1 else f"({', '.join(map(str, summed))})"
            text = f"{inner}.sum({axes if len(summed) < len(letters) else ''})"
        if coefficient == -1.0 and len(reads) == 1:
            text = f"-{text}"
        elif coefficient != 1.0:
            text = f"{_spelled_number(coefficient)} * {text}"
        left = tuple(letter for letter in letters if letter in out_letters)
        return (
            self.aligned(_View(f"({text})", left, np.zeros(())), out_letters)
            if (left and left != out_letters and left != out_letters[-len(left) :])
            else text
        )

    def write(
        self, statement: Any, sizes: tuple[int, ...], letters: tuple[int, ...], text: str
    ) -> None:
        out = self.target(statement.out, sizes, letters)
        if statement.accumulate:
            self.lines.append(f"{out} += {text}")
        else:
            self.lines.append(f"{out}[...] = {text}")

    def target(self, ref: Ref, sizes: tuple[int, ...], letters: tuple[int, ...]) -> str:
        if letters:
            return self.view(ref, sizes, letters).name
        if ref.array.shape == (1,):
            return self.named(ref.array)
        name = self.new(self.named(ref.array) + "_")
        self.hoisted.append(f"{name} = {self.flat(ref.array)}[{ref.base}:{ref.base + 1}]")
        return name

    def product(
        self,
        statement: SumStatement,
        reads: list[_View],
        out_letters: tuple[int, ...],
        coefficient: float,
    ) -> bool:
        """Emit a matrix product, if the sum is one."""
        a, b = reads
        out = set(out_letters)
        inner = [i for i in a.letters if i in b.letters and i not in out]
        if not inner or not out <= {*a.letters, *b.letters}:
            return False
        both = [i for i in a.letters if i in b.letters and i in out]
        rows = [i for i in a.letters if i in out and i not in b.letters]
        columns = [i for i in b.letters if i in out and i not in a.letters]
        lost = [i for view in reads for i in view.letters if i not in out and i not in inner]
        if lost or both or len(rows) > 1 or len(columns) > 1 or len(inner) > 1:
            if lost:
                return False
            labels = "abcdefghijklmnopqrstuvwxyz"
            spec = ",".join("".join(labels[i] for i in view.letters) for view in reads)
            spec += "->" + "".join(labels[i] for i in out_letters)
            # Looking for a better way pays where there is a matrix product in it.
            better = ", optimize=True" if rows and columns else ""
            text = f"np.einsum({spec!r}, {a.name}, {b.name}{better})"
        else:
            if rows and columns and rows[0] > columns[0]:
                a, b, rows, columns = b, a, columns, rows
            left = self.oriented(a, (*rows, *inner))
            right = self.oriented(b, (*inner, *columns))
            if not statement.accumulate and coefficient == 1.0 and rows and columns:
                target = self.target(statement.out, statement.sizes, out_letters)
                self.lines.append(f"np.matmul({left}, {right}, out={target})")
                return True
            text = f"{left} @ {right}"
        if coefficient != 1.0:
            text = f"{_spelled_number(coefficient)} * ({text})"
        self.write(statement, statement.sizes, out_letters, text)
        return True

    def oriented(self, view: _View, letters: tuple[int, ...]) -> str:
        return view.name if view.letters == letters else f"{view.name}.T"

    def scatter(self, statement: SumStatement, reads: list[_View], coefficient: float) -> None:
        """Add to positions of which some occur several times."""
        sizes = statement.sizes
        letters = tuple(range(len(sizes)))
        text = " * ".join(self.aligned(view, letters) for view in reads) or "1.0"
        if coefficient != 1.0:
            text = f"{_spelled_number(coefficient)} * {text}"
        self.scattered(statement, text)

    def scattered(self, statement: SumStatement | MapStatement, text: str) -> None:
        sizes = statement.sizes
        positions = statement.out.positions(sizes).ravel()
        index = self.table(positions)
        array = statement.out.array
        name = self.named(array)
        values = f"np.broadcast_to({text}, {_shape(sizes or (1,))}).ravel()"
        if len(np.unique(positions)) == len(positions):
            sign = "+=" if statement.accumulate else "="
            self.lines.append(f"{self.flat(array)}[{index}] {sign} {values}")
            return
        if not statement.accumulate:  # these positions alone: others may be written already
            self.lines.append(f"{self.flat(array)}[{index}] = 0.0")
        total = f"np.bincount({index}, {values}, {array.size})"
        shaped = total if len(array.shape) == 1 else f"{total}.reshape({_shape(array.shape)})"
        self.lines.append(f"{name} += {shaped}")

    def map(self, statement: MapStatement) -> None:
        sizes = statement.sizes
        letters = tuple(range(len(sizes)))
        views = [self.read(operand, sizes) for operand in statement.operands]
        names = [self.aligned(view, letters) for view in views]
        if statement.partial is None:
            value, _ = spelled(statement.primitive, names)
            self.named(statement.out.array, _LETTERS.get(statement.primitive.name, "a"))
            out = self.target(statement.out, sizes, letters)
            call = value.text
            function = getattr(np, call.removeprefix("np.").partition("(")[0], None)
            if isinstance(function, np.ufunc) and call.endswith(")") and call.count("(") == 1:
                self.lines.append(f"{call[:-1]}, out={out})")
            else:
                self.lines.append(f"{out}[...] = {call}")
            return
        assert statement.upstream is not None
        result = self.results.get((statement.primitive, *(_key(o) for o in statement.operands)))
        _, partials = spelled(statement.primitive, names, result)
        partial = partials[statement.partial]
        upstream = self.aligned(self.read(statement.upstream, sizes), letters)
        if not isinstance(partial, Expression) and partial == 0.0:
            text = "0.0"
        else:
            times = Expression(upstream) * partial
            text = times.text
        used = tuple(i for i in letters if statement.out.uses(i))
        if statement.out.table is not None or not self.writes_once(statement):
            self.scattered(statement, text)
            return
        lost = [i for i in letters if i not in used and sizes[i] > 1]
        if lost:
            axes = ", ".join(map(str, lost))
            text = f"np.broadcast_to({text}, {_shape(sizes)}).sum(({axes},))"
        out_letters = used if used else ()
        simple = text.count("*") == 1 and not lost and not statement.accumulate
        target = self.target(statement.out, sizes, out_letters)
        if simple and isinstance(partial, Expression) and len(used) == len(letters):
            self.lines.append(f"np.multiply({upstream}, {partial.text}, out={target})")
        else:
            sign = "+=" if statement.accumulate else "[...] ="
            gap = " " if statement.accumulate else ""
            self.lines.append(f"{target}{gap}{sign} {text}")

    @property
    def results(self) -> dict[Any, str]:
        """The names of the values that maps have, by primitive and operands."""
        return {
            (s.primitive, *(_key(o) for o in s.operands)): self.names[s.out.array]
            for s in self.plan.forward
            if isinstance(s, MapStatement) and s.out.array in self.names
        }

    def maximum(self, statement: MaximumStatement) -> None:
        self.named(statement.out.array, "m")
        view = self.read(statement.operand, statement.sizes)
        letters = tuple(i for i in range(len(statement.sizes)) if statement.out.uses(i))
        axes = [str(i) for i, letter in enumerate(view.letters) if letter not in letters]
        text = f"{view.name}.max(axis=({', '.join(axes)},))" if axes else view.name
        if statement.out.table is not None:
            rows = tuple(n if statement.out.uses(i) else 1 for i, n in enumerate(statement.sizes))
            index = self.table(statement.out.positions(rows).ravel())
            target = f"{self.flat(statement.out.array)}[{index}]"
            text = f"({text}).ravel()"
        else:
            target = self.target(statement.out, statement.sizes, letters)
        if statement.accumulate:
            text = f"np.maximum({target}, {text})"
        self.lines.append(f"{target} = {text}" if "[" in target else f"{target}[...] = {text}")


_RESERVED = {*dir(builtins), *arrays.__all__, "as_strided"}
_HOISTED = "# views"
_LETTERS = {"exp": "e", "log": "lg", "reciprocal": "r", "sqrt": "r"}


def _without_loops_of_one(statement: Statement) -> Statement:
    kept = [i for i, size in enumerate(statement.sizes) if size > 1]

    def narrowed(ref: Ref) -> Ref:
        strides = tuple(ref.strides[i] for i in kept)
        if ref.table is None:
            return replace(ref, strides=strides)
        return replace(
            ref, strides=strides, table=ref.table.reshape([ref.table.shape[i] for i in kept])
        )

    changes: dict[str, Any] = {
        "sizes": tuple(statement.sizes[i] for i in kept),
        "out": narrowed(statement.out),
    }
    if isinstance(statement, SumStatement):
        changes["factors"] = [narrowed(factor) for factor in statement.factors]
    elif isinstance(statement, MapStatement):
        changes["operands"] = [narrowed(operand) for operand in statement.operands]
        changes["upstream"] = statement.upstream and narrowed(statement.upstream)
    else:
        changes["operand"] = narrowed(statement.operand)
    return replace(statement, **changes)


def _in_place(lines: list[str]) -> list[str]:
    """The lines, after a declaration of the names that they add to."""
    names = [line.partition(" += ")[0] for line in lines if " += " in line]
    changed = sorted({name for name in names if name.isidentifier()})
    return [f"nonlocal {', '.join(changed)}", *lines] if changed else lines


def _key(ref: Ref) -> Any:
    return (ref.array, ref.base, ref.strides, None if ref.table is None else ref.table.tobytes())


def _name_of(label: str, axes: int) -> str:
    """A plain identifier for the parameters of which the first has this label; '' without one."""
    layer = re.fullmatch(r"layers\.(\d{1,4})\.neurons\.\d+\.(w|b)(\[\d+\])?", label)
    if layer:
        return f"{'W' if layer[2] == 'w' else 'b'}{int(layer[1]) + 1}"
    base = re.sub(r"[^A-Za-z0-9_]+", "_", re.sub(r"\[.*", "", label)).strip("_")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,30}", base) or keyword.iskeyword(base):
        return ""
    # What may be the name of something else, now or later, gets an underscore.
    own = re.fullmatch(r"[A-Za-z]+\d+(_\d+)?|np|params|grads|inputs|constants|make", base)
    return f"{base}_" if own or base in _RESERVED else base


def _triangle(data: Any, dtype: str) -> str:
    """How a triangle of ones is written; '' for anything else."""
    if data.ndim != 2:
        return ""
    for turned, matrix in (("", data), (".T", data.T)):
        rows, columns = matrix.shape
        diagonal = int(matrix[0].sum()) - 1
        if np.array_equal(matrix, np.tri(rows, columns, diagonal)):
            square = rows == columns and diagonal == 0
            sizes = f"{rows}" if square else f"{rows}, {columns}, {diagonal}"
            kind = "" if dtype == "float64" else f", dtype=np.{dtype}"
            return f"np.tri({sizes}{kind}){turned}"
    return ""


def _spelled_number(x: float) -> str:
    if math.isfinite(x):
        return repr(x)
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0.0 else "-np.inf"


def _steps(shape: list[int]) -> list[int]:
    steps: list[int] = []
    step = 1
    for size in reversed(shape):
        steps.insert(0, step)
        step *= size
    return steps


def _shape(shape: Any) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
