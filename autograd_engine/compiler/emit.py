"""Fourth pass: NumPy source for a plan.

Arrays are made where they are computed, as one would write it by hand. What other programs share
or what is written in pieces is allocated once, and its views stand above the step.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_engine.compiler import arrays
from autograd_engine.compiler.ir import Array, MapStatement, MaximumStatement, Plan, Ref, reach
from autograd_engine.compiler.names import (
    TOKEN,
    Finished,
    Names,
    View,
    assigned,
    changed,
    name_of,
    parts,
    words,
)
from autograd_engine.compiler.nests import Nest, Read, simplified
from autograd_engine.compiler.products import (
    Axes,
    Computed,
    Operand,
    aligned,
    product,
    singles,
    summed,
)
from autograd_engine.compiler.spelling import (
    ATOM,
    COMPARISON,
    PRODUCT,
    SIGN,
    Expression,
    spelled,
)
from autograd_engine.compiler.views import (
    WIDTH,
    permuted,
    reshaped,
    spelled_comment,
    spelled_shape,
    spelled_view,
)

__all__ = ["Emitted", "emit"]


class Emitted:
    """Source, and what it needs.

    Attributes
    ----------
    heading : str
        How much became how many lines.
    source : str
        Defines ``make(params, grads, inputs, constants)``, which returns ``forward`` and
        ``backward``.
    constants : dict of str to numpy.ndarray
    """

    def __init__(self, heading: str, source: str, constants: dict[str, Any]) -> None:
        self.heading = heading
        self.source = source
        self.constants = constants


def emit(
    plan: Plan,
    dtype: str = "float64",
    subject: str = "",
    labels: Sequence[str] = (),
    arguments: Sequence[tuple[str, tuple[int, ...]]] = (),
) -> Emitted:
    """NumPy source for a plan.

    Parameters
    ----------
    plan : Plan
    dtype : {"float64", "float32"}
    subject : str
        What was rolled, for the heading.
    labels : sequence of str
        Of the parameters, from which the names of their arrays are made.
    arguments : sequence of (name, shape)
        What the inputs of an example are, one after another.

    Returns
    -------
    Emitted
    """
    return _Emitter(plan, dtype, subject, labels, arguments).run()


class _Stored:
    """An operand that is read from an array."""

    def __init__(self, emitter: _Emitter, ref: Ref, nest: Nest) -> None:
        self.emitter = emitter
        self.ref = ref
        self.sizes = nest.sizes
        used = [i for i in range(len(nest.sizes)) if ref.uses(i)]
        used.sort(key=lambda i: -abs(ref.strides[i]))
        self.letters = tuple(used)

    def spelled(self, axes: Axes) -> Expression:
        """As `Operand` says."""
        if self.ref.table is not None:
            order = [i for axis in axes for i in axis]
            table = self.ref.table.transpose([*order, *self._unused(order)])
            shape = [math.prod(self.sizes[i] for i in axis) for axis in axes]
            index = self.emitter.table(table.reshape(shape))
            return Expression(f"{self.emitter.name(self.ref.array)}.take({index})")
        merged = _merged(self.ref.strides, self.sizes, axes)
        if merged is not None:
            return Expression(self.emitter.view(self.ref.array, self.ref.base, *merged))
        return Expression(self._copied(axes))

    def _unused(self, order: list[int]) -> list[int]:
        return [i for i in range(len(self.sizes)) if i not in order]

    def _copied(self, axes: Axes) -> str:
        # What was copied with its last two axes the other way round need not be copied again.
        turned = [*axes[:-2], *axes[:-3:-1]]
        for wanted, order in ((axes, None), (turned, [*range(len(axes) - 2), -1, -2])):
            text = self._reshaped(wanted)
            if order is None:
                first = text
            elif text in self.emitter.copies:
                order[-2:] = [len(axes) - 1, len(axes) - 2]
                return permuted(self._token(text), order)
        self.emitter.copies.add(first)
        return self._token(first)

    def _token(self, text: str) -> str:
        seen = TOKEN.match(text)
        if seen:
            return self.emitter.token(text, self.emitter.views[seen[0]].prefix)
        return self.emitter.token(text, self.emitter.name(self.ref.array) + "_")

    def _reshaped(self, axes: Axes) -> str:
        flat = singles(i for axis in axes for i in axis)
        merged = _merged(self.ref.strides, self.sizes, flat)
        assert merged is not None
        text = self.emitter.view(self.ref.array, self.ref.base, *merged)
        shape = [math.prod(self.sizes[i] for i in axis) for axis in axes]
        return reshaped(text, shape)

    def cost(self, axes: Axes) -> int:
        """As `Operand` says."""
        if self.ref.table is not None or _merged(self.ref.strides, self.sizes, axes) is not None:
            return 0
        turned = [*axes[:-2], *axes[:-3:-1]]
        if {self._reshaped(axes), self._reshaped(turned)} & self.emitter.copies:
            return 0
        return math.prod(self.sizes[i] for i in self.letters)


def _merged(
    strides: Sequence[int], sizes: Sequence[int], axes: Axes
) -> tuple[list[int], list[int]] | None:
    """The stride and size of each axis, if its loops are one loop."""
    for axis in axes:
        for outer, inner in pairwise(axis):
            if strides[outer] != strides[inner] * sizes[inner]:
                return None
    lengths = [math.prod(sizes[i] for i in axis) for axis in axes]
    return [strides[axis[-1]] for axis in axes], lengths


class _Emitter:
    def __init__(
        self,
        plan: Plan,
        dtype: str,
        subject: str,
        labels: Sequence[str],
        arguments: Sequence[tuple[str, tuple[int, ...]]],
    ) -> None:
        self.plan = plan
        self.dtype = dtype
        self.subject = subject
        self.labels = labels
        self.known = Names()
        self.arguments = self._arguments(arguments)
        self.forward, self.backward = simplified(plan)
        self.writers: dict[Array, list[Nest]] = {}
        for nest in (*self.forward, *self.backward):
            self.writers.setdefault(nest.out.array, []).append(nest)
        self.names: dict[Array, str] = {}
        self.constants: dict[str, Any] = {}
        self.tables: dict[Any, str] = {}
        self.head: list[str] = []  # what is made once
        self.lines: list[str] = []
        self.tokens: dict[Any, str] = {}
        self.views: dict[str, View] = {}
        self.copies: set[str] = set()
        self.local = self._local_arrays()

    def _arguments(
        self, arguments: Sequence[tuple[str, tuple[int, ...]]]
    ) -> list[tuple[Array, int, int]]:
        """The arguments as arrays, with the columns of the inputs in which they are."""
        self.batch: int | None = None
        for array in self.plan.arrays:
            if array.role == "input" and len(array.shape) > 1:
                self.batch = array.shape[0]
        found = []
        start = 0
        for given, shape in arguments:
            name = name_of(given)
            while not name or name in self.known.taken:
                name += "_" if name else "x"
            self.known.taken.add(name)
            rows = () if self.batch is None else (self.batch,)
            array = Array(name, (*rows, *shape), "argument")
            end = start + math.prod(shape)
            found.append((array, start, end))
            start = end
        return found

    def run(self) -> Emitted:
        steps = []
        for nests in (self.forward, self.backward):
            self.lines = []
            for nest in nests:
                self.nest(nest)
            steps.append(self.lines)
        root = self.plan.root
        steps[0].append(f"return float({self.element(root.array, root.base)})")
        outputs = [self.output(ref) for ref in self.plan.outputs]
        finished = Finished(self.views, self.known, [*steps[0], *steps[1], *outputs])
        forward, backward = (finished.lines(lines) for lines in steps)
        sizes = len(forward) - 1, len(backward)  # without the return
        listed = [finished.text(output) for output in outputs]
        kept = assigned(forward) & words(backward)
        body = ["def make(params, grads, inputs, constants):"]
        head = [*self.head, *finished.head]
        if kept:
            head.append("# what backward needs of forward")
            head += [f"{' = '.join(part)} = None" for part in parts(sorted(kept))]
        for name, lines, own in (
            ("forward", forward, kept | (changed(forward) - assigned(forward))),
            ("backward", backward, changed(backward) - assigned(backward)),
        ):
            if own:
                lines[:0] = [f"nonlocal {', '.join(part)}" for part in parts(sorted(own))]
            head += ["", f"def {name}():", *(f"    {line}" for line in lines or ["pass"])]
        returned = "forward, backward"
        if outputs:
            returned += f", [{', '.join(listed)}]"
        body += [f"    {line}" if line else "" for line in [*head, "", f"return {returned}"]]
        used = words(body)
        imports = ["import numpy as np"]
        for module, offered in _MODULES.items():
            wanted = sorted(used & set(offered))
            imports += [f"from {module} import {', '.join(wanted)}"] if wanted else []
        body = [*imports, "", "", *body]
        heading = f"{self.subject}, in {sizes[0]} lines forward and {sizes[1]} backward"
        return Emitted(heading, "\n".join([f"# {heading}", *body, ""]), self.constants)

    def output(self, ref: Ref) -> str:
        """The view of a number that is wanted, over the examples of a batch."""
        if not any(ref.strides):
            return self.element(ref.array, ref.base)
        return self.view(ref.array, ref.base, ref.strides[:1], ref.array.shape[:1])

    # --- arrays ------------------------------------------------------------------------------

    def _local_arrays(self) -> set[Array]:
        """The arrays that are made where they are computed."""
        outside = {ref.array for ref in self.plan.outputs} | {self.plan.gradients}
        local = set()
        for array, nests in self.writers.items():
            whole = all(nest.covers or self._scatters(nest) for nest in nests)
            largest = any(isinstance(nest.statement, MaximumStatement) for nest in nests)
            if array not in outside and whole and not (largest and len(nests) > 1):
                local.add(array)
        for nest in (*self.forward, *self.backward):
            for read in nest.reads:
                ref = read.ref
                if ref is None or ref.array not in local or ref.table is not None:
                    continue
                loops = [i for i in range(len(nest.sizes)) if ref.uses(i)]
                strides, sizes = [ref.strides[i] for i in loops], [nest.sizes[i] for i in loops]
                text = spelled_view("a", self.shape(ref.array), ref.base, strides, sizes)
                if text is None or "sliding_window" in text:
                    local.discard(ref.array)
        # An array is complete where it is read: only then can it be made at the last write.
        last = {array: nests[-1] for array, nests in self.writers.items()}
        done: set[Nest] = set()
        for nest in (*self.forward, *self.backward):
            for read in nest.reads:
                maker = None if read.ref is None else last.get(read.ref.array)
                if maker is not None and maker not in done:
                    local.discard(maker.out.array)
            done.add(nest)
        return local

    def _scatters(self, nest: Nest) -> bool:
        """Whether it adds to places of which some may occur several times."""
        if isinstance(nest.statement, MaximumStatement):
            return False
        if nest.out.table is not None:
            return True
        reach = 0
        for stride, size in sorted(
            (abs(nest.out.strides[i]), nest.sizes[i]) for i in nest.out_loops
        ):
            if stride <= reach:
                positions = nest.out.positions(nest.kept(nest.out)).ravel()
                return len(np.unique(positions)) < len(positions)
            reach += stride * (size - 1)
        return False

    def shape(self, array: Array) -> tuple[int, ...]:
        """The shape of an array as it is in the source."""
        if array.role in ("parameters", "input", "argument") or array is self.plan.gradients:
            return array.shape
        nests = self.writers.get(array, [])
        if array.role == "value" and len(nests) == 1 and nests[0].covers:
            return tuple(nests[0].sizes[i] for i in nests[0].out_loops)
        return tuple(n for n in array.shape if n > 1)

    def name(self, array: Array, letter: str = "v") -> str:
        """The name of an array."""
        if array in self.names:
            return self.names[array]
        shape = self.shape(array)
        if array.role == "parameters":
            name = "params"
        elif array.role == "input":
            name = "inputs"
        elif array is self.plan.gradients:
            name = "grads"
        elif array.role == "argument":
            name = array.name
            start, end = next((start, end) for a, start, end in self.arguments if a is array)
            inner = shape[1:] if self.batch is not None else shape
            rows = ":, " if self.batch is not None else ""
            text = f"inputs[{rows}{start}:{end}]"
            if len(inner) != 1:
                text = reshaped(text, shape)
            self.head.append(f"{name} = {text}{spelled_comment(shape)}")
        elif array.role == "constant":
            name = self.known.new("mask" if array.name == "mask" else "c")
            self.constants[name] = np.array(array.data, self.dtype).reshape(shape)
            text = _triangle(self.constants[name], self.dtype) or f"constants[{name!r}]"
            self.head.append(f"{name} = {text}{spelled_comment(shape)}")
        else:
            source = next((a for a in self.names if f"g{a.name}" == array.name), None)
            if source is not None and f"g{self.names[source]}" not in self.known.taken:
                name = f"g{self.names[source]}"
            elif array is self.plan.root.array and "loss" not in self.known.taken:
                name = "loss"
            else:
                name = self.known.new(letter)
            self.known.taken.add(name)
            if array not in self.local:
                kind = "" if self.dtype == "float64" else f", np.{self.dtype}"
                self.head.append(f"{name} = np.zeros({spelled_shape(shape)}{kind})")
        self.names[array] = name
        return name

    def element(self, array: Array, position: int) -> str:
        """One number of an array."""
        return self.view(array, position, [], [])

    def view(self, array: Array, base: int, strides: Sequence[int], sizes: Sequence[int]) -> str:
        """The name of a view, or what stands for it until it has one."""
        if len(strides) == 2 and abs(strides[0]) < abs(strides[1]):
            return f"{self.view(array, base, strides[::-1], sizes[::-1])}.T"
        key = (array, base, tuple(strides), tuple(sizes))
        if key not in self.tokens:
            if array.role == "input":
                found = self._argument(array, base, strides, sizes)
                if found is not None:
                    self.tokens[key] = found
                    return found
            name = self.name(array)
            text = spelled_view(name, self.shape(array), base, strides, sizes)
            if text == name:
                self.tokens[key] = name
            elif array in self.local:
                assert text is not None
                self.tokens[key] = self.token(text, name + "_")
            else:
                if text is None:
                    item = np.dtype(self.dtype).itemsize
                    steps = spelled_shape([stride * item for stride in strides])
                    flat = name if len(self.shape(array)) == 1 else f"{name}.reshape(-1)"
                    text = f"as_strided({flat}[{base}:], {spelled_shape(sizes)}, {steps})"
                elif not sizes:
                    text = f"{text.removesuffix(']')}, ...]"
                self.tokens[key] = self._hoisted(array, base, strides, sizes, text)
        return self.tokens[key]

    def _argument(
        self, array: Array, base: int, strides: Sequence[int], sizes: Sequence[int]
    ) -> str | None:
        """The view as one of the argument in which it lies; None if it is not in one."""
        width = array.shape[-1]
        row, column = divmod(base, width)
        rows = [i for i, stride in enumerate(strides) if stride % width == 0]
        columns = [i for i in range(len(strides)) if i not in rows]
        lowest, highest = reach(column, [strides[i] for i in columns], [sizes[i] for i in columns])
        for argument, start, end in self.arguments:
            if end - start == width and len(self.arguments) == 1:
                return self.view(argument, base, strides, sizes)
            if start <= lowest and highest < end:
                size = end - start
                moved = [s // width * size if i in rows else s for i, s in enumerate(strides)]
                position = row * size + column - start
                shape = self.shape(argument)
                if spelled_view("a", shape, position, moved, sizes) is not None:
                    return self.view(argument, position, moved, sizes)
        return None

    def _hoisted(
        self, array: Array, base: int, strides: Sequence[int], sizes: Sequence[int], text: str
    ) -> str:
        prefix = self.name(array) + "_"
        if array.role == "parameters" or array is self.plan.gradients:
            g = "g" if array is self.plan.gradients else ""
            lowest, _ = reach(base, strides, sizes)
            found = name_of(self.labels[lowest]) if lowest < len(self.labels) else ""
            prefix = f"{g}{'W' if len(sizes) > 1 else 'b'}"
            return self.token(text, prefix, True, g + found if found else "", tuple(sizes), lowest)
        return self.token(text, prefix, True, "", tuple(sizes))

    def token(
        self,
        text: str,
        prefix: str = "",
        hoisted: bool = False,
        wanted: str = "",
        shape: tuple[int, ...] = (),
        start: int | None = None,
    ) -> str:
        """What stands for a piece of source, until it is known how often it is used."""
        if text not in self.tokens:
            name = f"_v{len(self.views)}_"
            self.tokens[text] = name
            self.views[name] = View(text, prefix, hoisted, wanted, shape, start)
        return self.tokens[text]

    def table(self, positions: Any) -> str:
        """The name of a constant table of positions."""
        key = (positions.shape, np.ascontiguousarray(positions).tobytes())
        if key not in self.tables:
            name = self.tables[key] = self.known.new("i")
            self.constants[name] = np.ascontiguousarray(positions)
            self.head.append(f"{name} = constants[{name!r}]{spelled_comment(positions.shape)}")
        return self.tables[key]

    # --- statements --------------------------------------------------------------------------

    def nest(self, nest: Nest) -> None:
        array = nest.out.array
        self.name(array, self._letter(nest))
        if array in self.local:
            nests = self.writers[array]
            if nest is nests[-1]:
                self.assign(array, nests)
        else:
            self.write(nest)

    def _letter(self, nest: Nest) -> str:
        statement = nest.statement
        if nest.out.array.role == "gradient":
            return "g"
        if isinstance(statement, MaximumStatement):
            return "m"
        if isinstance(statement, MapStatement):
            return _LETTERS.get(statement.primitive.name, "a")
        kinds = {read.ref.array.role for read in nest.reads if read.ref is not None}
        return "z" if "parameters" in kinds and self.shape(nest.out.array) else "s"

    def assign(self, array: Array, nests: list[Nest]) -> None:
        """Make an array, as the sum of what is written to it."""
        shape = self.shape(array)
        terms = [self.term(nest, shape) for nest in nests]
        number = math.fsum(
            coefficient for coefficient, expression, _ in terms if expression is None
        )
        terms = [term for term in terms if term[1] is not None]
        if number or not terms:
            terms.append((number, None, not shape))
        terms.sort(key=lambda term: term[0] < 0.0)
        if not any(full for _, _, full in terms):
            coefficient, expression, _ = terms[0]
            filled = Expression("1.0") if expression is None else expression
            if len(terms) == 1 and expression is None:
                kind = "" if self.dtype == "float64" else f", np.{self.dtype}"
                written = _spelled_number(coefficient)
                filled = Expression(f"np.full({spelled_shape(shape)}, {written}{kind})")
                coefficient = 1.0
            else:
                filled = Expression(f"np.broadcast_to({filled.text}, {spelled_shape(shape)})")
            terms[0] = (coefficient, filled, True)
        name = self.names[array]
        total = _scaled(terms[0][0], terms[0][1])
        for i, (coefficient, expression, _) in enumerate(terms[1:], 1):
            size = _scaled(abs(coefficient), expression)
            joined = total - size if coefficient < 0.0 else total + size
            if len(joined.text) > WIDTH and i > 1 and any(full for _, _, full in terms[:i]):
                self.lines.append(f"{name} = {total.text}{spelled_comment(shape, total.text)}")
                self.lines += [
                    f"{name} {'-' if c < 0.0 else '+'}= {_scaled(abs(c), e).text}"
                    for c, e, _ in terms[i:]
                ]
                return
            total = joined
        self.lines.append(f"{name} = {total.text}{spelled_comment(shape, total.text)}")

    def term(self, nest: Nest, shape: tuple[int, ...]) -> tuple[float, Expression | None, bool]:
        """What a nest adds: a coefficient, source, and whether it has this shape by itself."""
        if not nest.covers:
            coefficient, expression = self.scattered(nest)
            return coefficient, expression, True
        loops = nest.out_loops
        coefficient, operand = self.value(nest, loops)
        sizes = tuple(nest.sizes[i] for i in loops)
        if operand is None:
            return coefficient, None, not shape
        if len(operand.letters) < len(loops):
            expression = aligned(operand, loops)
            if sizes == shape:
                return coefficient, expression, False
            text = f"np.broadcast_to({expression.text}, {spelled_shape(sizes)})"
            return coefficient, Expression(reshaped(text, shape)), True
        axes = _grouped(loops, sizes, shape)
        if axes is not None:
            return coefficient, operand.spelled(axes), True
        if isinstance(operand, Computed) and operand.letters == loops:
            return coefficient, operand.expression.then(reshaped("", shape)), True
        return coefficient, operand.spelled(singles(loops)).then(reshaped("", shape)), True

    def scattered(self, nest: Nest) -> tuple[float, Expression]:
        """What is added to each element of an array, by a coefficient and source."""
        array = nest.out.array
        # In the order of storage of what is read, whatever that is of what is written.
        read = [self.operand(r, nest).letters for r in nest.reads if r.ref is not None]
        found = dict.fromkeys(i for letters in (*read, nest.out_loops) for i in letters)
        loops = tuple(i for i in found if i in nest.out_loops)
        sizes = tuple(nest.sizes[i] for i in loops)
        coefficient, operand = self.value(nest, loops)
        index = self.positions(nest, loops)
        if operand is None:
            weights = f"minlength={array.size}"
        elif loops and len(operand.letters) == len(loops):
            weights = f"{operand.spelled([loops]).text}, {array.size}"
        else:
            text = aligned(operand, loops).text
            text = f"np.broadcast_to({text}, {spelled_shape(sizes or (1,))}).reshape(-1)"
            weights = f"{text}, {array.size}"
        total = f"np.bincount({index}, {weights})"
        shape = self.shape(array)
        if len(shape) != 1:
            total = reshaped(total, shape)
        if self.dtype != "float64":
            total = f"{total}.astype(np.{self.dtype})"
        return coefficient, Expression(total)

    def positions(self, nest: Nest, loops: Sequence[int]) -> str:
        """The name of a table of where a nest writes."""
        table = nest.out.positions(nest.kept(nest.out))
        rest = [i for i in range(len(nest.sizes)) if i not in loops]
        return self.table(table.transpose([*loops, *rest]).ravel())

    def write(self, nest: Nest) -> None:
        """Write a part of an array that is allocated once."""
        array, name = nest.out.array, self.names[nest.out.array]
        accumulate = nest.accumulate
        loops = nest.out_loops
        flat = name if len(self.shape(array)) == 1 else f"{name}.reshape(-1)"
        if self._scatters(nest):
            if not accumulate:  # these positions alone: others may be written already
                self.lines.append(f"{flat}[{self.positions(nest, loops)}] = 0.0")
            self.lines.append(f"{name} += {_scaled(*self.scattered(nest)).text}")
            return
        coefficient, operand = self.value(nest, loops)
        if operand is None and accumulate and coefficient == 0.0:
            return
        axes = singles(loops)
        if isinstance(operand, Computed) and operand.letters == loops:
            axes = operand.axes
        if nest.out.table is not None:
            target = f"{flat}[{self.positions(nest, loops)}]"
            axes = (loops,)
        else:
            merged = _merged(nest.out.strides, nest.sizes, axes)
            if merged is None:
                axes = singles(loops)
                merged = _merged(nest.out.strides, nest.sizes, axes)
            assert merged is not None
            target = self.view(array, nest.out.base, *merged)
        if operand is None:
            expression = None
        elif axes == singles(loops):
            expression = aligned(operand, loops)
        else:
            expression = operand.spelled(axes)
        if not accumulate:
            self.lines.append(_stored(_scaled(coefficient, expression), target))
        elif isinstance(nest.statement, MaximumStatement):
            assert expression is not None
            if nest.out.table is not None:
                self.lines.append(f"{target} = np.maximum({target}, {expression.text})")
            else:
                self.lines.append(f"np.maximum({target}, {expression.text}, out={target})")
        else:
            sign = "-=" if coefficient < 0.0 else "+="
            self.lines.append(f"{target} {sign} {_scaled(abs(coefficient), expression).text}")

    # --- values ------------------------------------------------------------------------------

    def value(self, nest: Nest, out: tuple[int, ...]) -> tuple[float, Operand | None]:
        """What a nest computes, as a coefficient and an operand that has loops of the result.

        `out` has these in the order in which they are best.
        """
        statement = nest.statement
        if isinstance(statement, MaximumStatement):
            (operand,) = (self.operand(read, nest) for read in nest.reads)
            left = [i for i in operand.letters if i in nest.out_loops]
            axes = [i for i, letter in enumerate(operand.letters) if letter not in left]
            expression = operand.spelled(singles(operand.letters))
            if axes:
                inner = str(axes[0]) if len(axes) == 1 else spelled_shape(axes)
                expression = expression.then(f".max({inner if left else ''})")
            return nest.coefficient, Computed(singles(left), expression, nest.sizes)
        if isinstance(statement, MapStatement):
            return self.mapped(nest, statement)
        coefficient = math.prod((r.coefficient for r in nest.reads), start=nest.coefficient)
        operands = [self.operand(r, nest) for r in nest.reads if r.ref is not None]
        return self._repeated(coefficient, self.multiplied(operands, nest, out), nest, operands)

    def operand(self, read: Read, nest: Nest) -> Operand:
        assert read.ref is not None
        return _Stored(self, read.ref, nest)

    def multiplied(
        self, operands: list[Operand], nest: Nest, out: tuple[int, ...]
    ) -> Operand | None:
        """The product of operands, summed over the loops that the result lacks."""
        sizes = nest.sizes
        while len(operands) > 2:  # first those that do not make the other larger
            pairs = [(a, b) for a in operands for b in operands if a is not b]
            a, b = min(
                pairs,
                key=lambda p: (
                    math.prod(sizes[i] for i in {*p[0].letters, *p[1].letters})
                    - math.prod(sizes[i] for i in p[1].letters),
                    math.prod(sizes[i] for i in p[1].letters),
                ),
            )
            letters = sorted({*a.letters, *b.letters})
            operands = [x for x in operands if x is not a and x is not b]
            both = aligned(b, letters) * aligned(a, letters)
            operands.append(Computed(singles(letters), both, sizes))
        if not operands:
            return None
        if len(operands) == 2:
            return product(operands[0], operands[1], out, sizes)
        return summed(operands[0], [i for i in operands[0].letters if i not in out], sizes)

    def _repeated(
        self, coefficient: float, operand: Operand | None, nest: Nest, operands: list[Operand]
    ) -> tuple[float, Operand | None]:
        """With the loops that matter to nobody, which repeat the sum."""
        used = {*nest.out_loops, *(i for operand in operands for i in operand.letters)}
        for i, size in enumerate(nest.sizes):
            if i not in used:
                coefficient *= size
        return coefficient, operand

    def mapped(self, nest: Nest, statement: MapStatement) -> tuple[float, Operand | None]:
        count = len(statement.operands)
        operands = [self.operand(read, nest) for read in nest.reads[:count]]
        letters = sorted({i for operand in operands for i in operand.letters})
        names = [aligned(operand, letters).held() for operand in operands]
        if statement.partial is None:
            value, _ = spelled(statement.primitive, names)
            return nest.coefficient, Computed(singles(letters), value, nest.sizes)
        upstream, result = nest.reads[count : count + 2]
        if upstream.ref is not None:
            operands.append(self.operand(upstream, nest))
            letters = sorted({*letters, *operands[-1].letters})
            names = [aligned(operand, letters).held() for operand in operands]
        known = aligned(self.operand(result, nest), letters).text
        _, partials = spelled(statement.primitive, names[:count], known)
        partial = partials[statement.partial]
        factors = [Expression(names[-1])] if upstream.ref is not None else []
        coefficient = nest.coefficient * upstream.coefficient
        if isinstance(partial, Expression):
            factors.append(partial)
        else:
            coefficient *= partial
        if not factors or coefficient == 0.0:
            return self._repeated(coefficient, None, nest, [])
        text = factors[-1]
        if len(factors) == 1 and text.binding == COMPARISON:  # which is no number yet
            text = text.then(f".astype(np.{self.dtype})")
        if len(factors) == 2:
            below = text.text.removeprefix("1.0 / ")
            divided = below != text.text and "/" not in below
            text = factors[0] / Expression(below) if divided else factors[0] * text
        made = Computed(singles(letters), text, nest.sizes)
        lost = [i for i in letters if i not in nest.out_loops]
        return self._repeated(coefficient, summed(made, lost, nest.sizes), nest, operands)


_MODULES = {
    "numpy.lib.stride_tricks": ("as_strided", "sliding_window_view"),
    "autograd_engine.compiler.arrays": tuple(arrays.__all__),
}
_LETTERS = {"exp": "e", "log": "lg", "reciprocal": "r", "sqrt": "r"}


def _scaled(coefficient: float, expression: Expression | None) -> Expression:
    """A multiple of an expression; of 1 without one."""
    if expression is None:
        return Expression(_spelled_number(coefficient), SIGN if coefficient < 0.0 else ATOM)
    if coefficient == 1.0:
        return expression
    if coefficient == -1.0:
        return -expression
    times = re.match(r"(\d\S*) \* ", expression.text)
    if times and expression.binding == PRODUCT and "@" not in expression.text:
        number = Expression(_spelled_number(coefficient * float(times[1])))
        return Expression(f"{number.text} * {expression.text[times.end() :]}", PRODUCT)
    number = Expression(_spelled_number(coefficient))
    if expression.text.startswith("1.0 / "):
        return Expression(f"{number.text}{expression.text[3:]}", expression.binding)
    if expression.binding == PRODUCT and "@" not in expression.text:
        return Expression(f"{number.text} * {expression.text}", PRODUCT)
    return number * expression


def _stored(expression: Expression, target: str) -> str:
    """A line that writes into an array, without another one in between where that is easy."""
    text = expression.text
    binary = re.fullmatch(r"(\S+) ([@*]) (\S+)", text)
    if binary:
        function = "np.matmul" if binary[2] == "@" else "np.multiply"
        return f"{function}({binary[1]}, {binary[3]}, out={target})"
    if re.fullmatch(r"\w+\.sum\(\S+\)", text):
        return f"{text[:-1]}, out={target})"
    call = re.fullmatch(r"np\.(\w+)\([^()]*\)", text)
    if call and isinstance(getattr(np, call[1], None), np.ufunc):
        return f"{text[:-1]}, out={target})"
    return f"{target}[...] = {text}"


def _grouped(
    loops: Sequence[int], sizes: Sequence[int], shape: Sequence[int]
) -> tuple[tuple[int, ...], ...] | None:
    """The loops that make each axis of a shape; None if an axis is no whole number of loops."""
    axes = []
    position = 0
    for size in shape:
        axis: list[int] = []
        while position < len(loops) and math.prod(sizes[: position + 1]) <= math.prod(
            [size, *sizes[: position - len(axis)]]
        ):
            axis.append(loops[position])
            position += 1
        if math.prod(sizes[loops.index(i)] for i in axis) != size:
            return None
        axes.append(tuple(axis))
    return tuple(axes) if position == len(loops) else None


def _triangle(data: Any, dtype: str) -> str:
    """How a triangle of ones is written; '' for anything else."""
    if data.ndim != 2:
        return ""
    for turned, matrix in (("", data), (".T", data.T)):
        rows, columns = matrix.shape
        diagonal = int(np.count_nonzero(matrix[0])) - 1
        if np.array_equal(matrix, np.tri(rows, columns, diagonal)):
            square = rows == columns and diagonal == 0
            sizes = f"{rows}" if square else f"{rows}, {columns}, {diagonal}"
            kind = "" if dtype == "float64" else f", dtype=np.{dtype}"
            return f"np.tri({sizes}{kind}){turned}"
    return ""


def _spelled_number(x: float) -> str:
    if math.isfinite(x):
        return repr(float(x))
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0.0 else "-np.inf"
