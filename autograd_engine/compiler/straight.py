"""Irregular graphs that are small: straight-line Python, a variable for each scalar.

    def program(w, x):
        [w0, w1] = w
        [x0] = x
        v1 = w0 * x0 + w1
        v2 = tanh(v1)
        yield [v2]
        dv2 = 1.0
        dv1 = dv2 * (1.0 - v2 * v2)
        dw0 = dv1 * x0
        dw1 = dv1
        yield [dw0, dw1]

It is a generator because backward needs the variables of forward.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_engine import floats, ieee
from autograd_engine.compiler.columns import NOTHING
from autograd_engine.compiler.normal import NormalForm
from autograd_engine.compiler.spelling import PYTHON, Expression, Term, source_of, spelled
from autograd_engine.rules import Primitive

__all__ = ["StraightLine", "straight_line"]

# So many terms of a sum stand in a line: Python's own compiler recurses over longer ones.
_TERMS_IN_A_LINE = 16


class StraightLine:
    """A normal form that is run as straight-line Python.

    Parameters
    ----------
    normal : NormalForm
    params, grads : numpy.ndarray
        The numbers of the parameters, and their gradients, in a row.
    numbers : numpy.ndarray
        Those of the inputs in a row; or a row for each example, and the result is the mean.

    Attributes
    ----------
    title, source : str
    outputs : list of numpy.ndarray
        Of the last forward pass.
    """

    def __init__(self, normal: NormalForm, params: Any, grads: Any, numbers: Any) -> None:
        self._params, self._grads, self._numbers = params, grads, numbers
        lines = straight_line(normal, len(params), numbers.shape[-1])
        count = lines.count("\n")
        self.title = f"{normal.recorded} recorded scalars, in {count} lines of straight-line Python"
        self.source = f"# {self.title}\n{lines}"
        # It is made of this package's own names and of numbers.
        code = builtins.compile(self.source, "<straight line>", "exec")
        self._program = _defined(code, vars(floats))
        self._program_at_the_edges = _defined(code, vars(ieee.mathematics))
        self._runs: list[Iterator[list[float]]] = []
        self.outputs = [np.zeros(len(np.atleast_2d(numbers)), params.dtype) for _ in normal.outputs]

    def forward(self) -> float:
        """The value for the numbers that the parameters and inputs have now."""
        try:
            found = self._start(self._program)
        except (ArithmeticError, ValueError):
            found = self._start_at_the_edges()
        for i, output in enumerate(self.outputs, 1):
            output[:] = [numbers[i] for numbers in found]
        return float(sum(numbers[0] for numbers in found)) / len(found)

    def backward(self) -> None:
        """The gradients at the numbers of the last forward pass."""
        try:
            found = [next(run) for run in self._runs]
        except (ArithmeticError, ValueError):
            self._start_at_the_edges()
            found = [next(run) for run in self._runs]
        self._grads[:] = found[0] if len(found) == 1 else np.mean(found, 0)

    def _start(self, program: Any, number: Callable[[Any], Any] = list) -> list[list[float]]:
        params, rows = number(self._params.tolist()), self._numbers.tolist()
        if self._numbers.ndim == 1:
            rows = [rows]
        self._runs = [program(params, number(row)) for row in rows]
        return [next(run) for run in self._runs]

    def _start_at_the_edges(self) -> list[list[float]]:
        """Where Python raises, the same lines with what IEEE 754 says."""
        return self._start(self._program_at_the_edges, ieee.lift)


def _defined(code: Any, functions: dict[str, Any]) -> Any:
    namespace = {**functions, "np": np}
    exec(code, namespace)
    return namespace["program"]


def straight_line(normal: NormalForm, parameters: int, inputs: int) -> str:
    """Python source for a normal form.

    Parameters
    ----------
    normal : NormalForm
    parameters, inputs : int
        How many there are.

    Returns
    -------
    str
        Defines the generator ``program(w, x)``, which yields the result and the other outputs, and
        then the gradients of the parameters.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> from autograd_engine.compiler.columns import Columns
    >>> from autograd_engine.compiler.normal import normalise
    >>> w, x = Value(2.0), Value(3.0)
    >>> loss = (w * x).exp()
    >>> print(straight_line(normalise(Columns(loss), loss, [w], [x]), 1, 1))
    def program(w, x):
        [w0] = w
        [x0] = x
        v1 = w0 * x0
        v2 = exp(v1)
        yield [v2]
        dv2 = 1.0
        dv1 = dv2 * v2
        dw0 = dv1 * x0
        yield [dw0]
    """
    return _Writer(normal).write(parameters, inputs)


class _Writer:
    def __init__(self, normal: NormalForm) -> None:
        self.normal = normal
        self.names: list[str] = []
        self.trained: list[bool] = []  # whether it depends on a parameter
        self.written: set[int] = set()  # those of which the slope has a variable
        self.lines: list[str] = []
        self.count = 0  # of the variables
        columns = normal.lefts, normal.rights, normal.coefficients
        self.terms = list(zip(*(column.tolist() for column in columns), strict=True))
        self.starts = normal.starts.tolist()
        self.numbers = normal.numbers.tolist()
        self.positions = normal.positions.tolist()

    def write(self, parameters: int, inputs: int) -> str:
        normal = self.normal
        for number in range(len(normal.operations)):
            self.forward(number)
        wanted = [normal.root, *normal.outputs]
        self.lines.append(f"yield [{', '.join(self.names[i] for i in wanted)}]")
        self.slope(normal.root, 1.0)
        for number in reversed(range(normal.root + 1)):
            if number in self.written:
                self.backward(number)
        slopes = ["0.0"] * parameters
        for number in self.written:
            if normal.operations[number] == "parameter":
                slopes[self.positions[number]] = f"d{self.names[number]}"
        self.lines.append(f"yield [{', '.join(slopes)}]")
        taken = [
            f"[{', '.join(f'{name}{i}' for i in range(count))}] = {name}"
            for name, count in (("w", parameters), ("x", inputs))
        ]
        return "\n    ".join(["def program(w, x):", *taken, *self.lines]) + "\n"

    def of(self, number: int) -> list[tuple[int, int, float]]:
        """The terms of a scalar."""
        return self.terms[self.starts[number] : self.starts[number + 1]]

    def forward(self, number: int) -> None:
        operation, terms = self.normal.operations[number], self.of(number)
        if operation == "parameter":
            name = f"w{self.positions[number]}"
        elif operation == "input":
            name = f"x{self.positions[number]}"
        elif operation == "constant":
            name = source_of(self.numbers[number])
        else:
            self.count += 1
            name = f"v{self.count}"
        trained = operation == "parameter" or any(
            self.trained[i] for left, right, _ in terms for i in (left, right) if i != NOTHING
        )
        names = [self.names[left] for left, _, _ in terms]
        if operation == "sum":
            self.sum(name, self.numbers[number], terms)
        elif operation == "max":
            self.lines.append(f"{name} = max([{', '.join(names)}])")
            trained = False
        elif isinstance(operation, Primitive):
            self.lines.append(f"{name} = {spelled(operation, names, m=PYTHON)[0].text}")
        self.names.append(name)
        self.trained.append(trained)

    def sum(self, name: str, constant: float, terms: list[tuple[int, int, float]]) -> None:
        total: Term | None = constant if constant or not terms else None
        sign = "="
        for count, (left, right, coefficient) in enumerate(terms, 1):
            term = _times(Expression(self.names[left]), abs(coefficient))
            if right != NOTHING:
                term = term * Expression(self.names[right])
            if coefficient < 0.0:
                total = -term if total is None else total - term
            else:
                total = term if total is None else total + term
            if count % _TERMS_IN_A_LINE == 0:
                self.lines.append(f"{name} {sign} {source_of(total)}")
                total, sign = None, "+="
        if total is not None:
            self.lines.append(f"{name} {sign} {source_of(total)}")

    def backward(self, number: int) -> None:
        operation, terms, name = self.normal.operations[number], self.of(number), self.names[number]
        upstream = Expression(f"d{name}")
        if operation == "sum":
            for left, right, coefficient in terms:
                slope = _times(upstream, coefficient)
                if right == NOTHING:
                    self.slope(left, slope)
                else:
                    self.slope(left, slope * Expression(self.names[right]))
                    self.slope(right, slope * Expression(self.names[left]))
        elif isinstance(operation, Primitive):
            operands = [left for left, _, _ in terms]
            names = [self.names[i] for i in operands]
            _, partials = spelled(operation, names, name, PYTHON)
            for operand, partial in zip(operands, partials, strict=True):
                if isinstance(partial, Expression) or partial != 0.0:
                    self.slope(operand, _times(upstream, partial))

    def slope(self, number: int, term: Term) -> None:
        """Add to the slope of a scalar."""
        if self.trained[number]:
            sign = "+=" if number in self.written else "="
            self.written.add(number)
            self.lines.append(f"d{self.names[number]} {sign} {source_of(term)}")


def _times(x: Expression, y: Term) -> Expression:
    if isinstance(y, Expression):
        return x * y
    return x if y == 1.0 else -x if y == -1.0 else y * x
