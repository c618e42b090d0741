"""compile of a function: recorded on one example, run on batches."""

from __future__ import annotations

import builtins
import functools
import inspect
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_engine import graph
from autograd_engine.compiler.batch import batched
from autograd_engine.compiler.collector import held_back
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.differentiate import differentiate
from autograd_engine.compiler.emit import emit
from autograd_engine.compiler.ir import Plan
from autograd_engine.compiler.normal import NormalForm, difference, normalise
from autograd_engine.compiler.program import TOLERANCE, CompileWarning
from autograd_engine.compiler.roll import roll
from autograd_engine.derivatives import gradient
from autograd_engine.modes import mode_block
from autograd_engine.tracing import Index, Input
from autograd_engine.value import Value

__all__ = ["CompiledFunction"]


class CompiledFunction:
    """The loss of one example as a function of whole batches.

    Called with arrays that have the examples along their first axis, it returns the mean of the
    loss. The Values that the function uses and is not given are its parameters.

    Attributes
    ----------
    parameters : list of Value
        Known after the first call.
    params, grads : numpy.ndarray
        Their numbers and gradients in a row; optimizers change `params` in place.
    aux : list of numpy.ndarray
        With ``has_aux``, where the function returns the loss and a list of other Values: these,
        for each example of the last batch.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        dtype: str = "float64",
        *,
        parameters: Sequence[Value] = (),
        has_aux: bool = False,
    ) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self.dtype = dtype
        if len(set(parameters)) != len(parameters):
            raise ValueError("a parameter is given twice")
        self._has_aux = has_aux
        self.parameters: list[Value] = list(parameters)
        self.params: Any = np.zeros(len(self.parameters), dtype)
        self.grads: Any = np.zeros(len(self.parameters), dtype)
        self.pull()
        self.aux: list[Any] = []
        self._plans: dict[Any, _Recording | None] = {}
        self._programs: dict[Any, _Program] = {}
        self._source = ""

    def __call__(self, *args: Any) -> float:
        """The mean of the loss over a batch.

        Parameters
        ----------
        *args
            Arrays, or lists, with an example in each row: of floats for numbers, of integers for
            what chooses.
        """
        return self._run(args, backward=False)

    def value_and_grad(self, *args: Any) -> tuple[float, Any]:
        """The mean of the loss over a batch, and its gradient.

        Parameters
        ----------
        *args
            As for a call.

        Returns
        -------
        value : float
        grads : numpy.ndarray
            A number for each parameter; overwritten by the next call.
        """
        value = self._run(args, backward=True)
        return value, self.grads

    @property
    def source(self) -> str:
        """The NumPy source of the last program."""
        return self._source

    def pull(self) -> None:
        """Take the numbers of the parameters from the Values."""
        self.params[:] = [parameter.data for parameter in self.parameters]

    def push(self) -> None:
        """Give the Values the numbers of the parameters, and their gradients."""
        for parameter, number, grad in zip(
            self.parameters, self.params.tolist(), self.grads.tolist(), strict=True
        ):
            parameter.data = number
            parameter.grad = grad

    # --- running -----------------------------------------------------------------------------

    def _run(self, args: tuple[Any, ...], backward: bool) -> float:
        arrays = [_batch(arg, i, self._f.__name__) for i, arg in enumerate(args)]
        if not arrays:
            raise TypeError(f"{self._f.__name__} takes at least one array of examples")
        count = len(arrays[0])
        for i, array in enumerate(arrays):
            if len(array) != count:
                raise ValueError(
                    f"argument 0 has {count} examples and argument {i} has {len(array)}"
                )
        structure = tuple((array.shape[1:], array.dtype.kind) for array in arrays)
        if structure not in self._plans:
            with held_back():
                self._plans[structure] = self._record(arrays)
        recording = self._plans[structure]
        if recording is None:
            return self._eagerly(arrays, backward)
        key = (structure, count)
        program = self._programs.get(key)
        if program is None:
            with held_back():
                program = self._programs[key] = _Program(recording, count, self)
        self._source = program.source
        program.fill(arrays)
        with np.errstate(all="ignore"):  # inf and nan are values here
            value = float(program.forward())
            if backward:
                program.backward()
        self.aux = program.outputs
        return value

    def _eagerly(self, arrays: list[Any], backward: bool) -> float:
        self.push()
        total, slopes = 0.0, np.zeros(len(self.parameters))
        rows: list[list[float]] = []
        for example in range(len(arrays[0])):
            returned = self._f(*(array[example].tolist() for array in arrays))
            loss, others = returned if self._has_aux else (returned, [])
            rows.append([other.data for other in others])
            total += loss.data
            if backward:
                slopes += gradient(loss, self.parameters)
        if backward:
            self.grads[:] = slopes / len(arrays[0])
        self.aux = list(np.array(rows).T)
        return total / len(arrays[0])

    # --- recording ---------------------------------------------------------------------------

    def _record(self, arrays: list[Any]) -> _Recording | None:
        """What the function does with an example; None, after a warning, if it depends on it."""
        first = self._recorded(arrays, 0)
        last = len(arrays[0]) - 1
        again = (self._recorded(arrays, example) for example in {last // 2, last})
        found = (difference(first.normal, other.normal) for other in again)
        reason = next((each for each in found if each is not None), None)
        if reason is None:
            reason = self._check(first, arrays)
        if reason is None:
            return first
        warnings.warn(
            f"{self._f.__name__} is run eagerly, example by example: {reason}",
            CompileWarning,
            stacklevel=5,
        )
        return None

    def _recorded(self, arrays: list[Any], example: int) -> _Recording:
        arguments, leaves = [], []
        for array in arrays:
            argument, found = _traced(array[example])
            arguments.append(argument)
            leaves.append(found)
        with mode_block(recording=True):
            returned = self._f(*arguments)
        loss, others = returned if self._has_aux else (returned, [])
        if not isinstance(loss, Value):
            raise TypeError(f"{self._f.__name__} must return one Value, got {loss!r}")
        names = _names(self._f, len(arrays))
        widths = [
            _Width(found, name, array.shape[1:])
            for found, name, array in zip(leaves, names, arrays, strict=True)
        ]
        inputs = [value for width in widths for value in width.inputs]
        given = set(inputs)
        known = {*given, *self.parameters}
        self.parameters += [leaf for leaf in graph.leaves(loss, *others) if leaf not in known]
        if len(self.params) != len(self.parameters):
            old = self.params
            self.params = np.zeros(len(self.parameters), self.dtype)
            self.grads = np.zeros(len(self.parameters), self.dtype)
            self._programs.clear()
            self.pull()
            self.params[: len(old)] = old
        columns = Columns(loss, *others)
        normal = normalise(columns, loss, self.parameters, inputs, others)
        return _Recording(loss, normal, widths)

    def _check(self, recording: _Recording, arrays: list[Any]) -> str | None:
        """What the program computes otherwise than the function; None if nothing."""
        few = [array[: min(3, len(array))] for array in arrays]
        try:
            program = _Program(recording, len(few[0]), self)
            program.fill(few)
            with np.errstate(all="ignore"):
                value = float(program.forward())
                program.backward()
        except (TypeError, ValueError, ArithmeticError) as error:
            return str(error)
        ours = self.grads.copy()
        kept = [(p, p.data, p.grad) for p in self.parameters]
        expected = self._eagerly(few, backward=True)
        for parameter, data, grad in kept:  # which are the user's
            parameter.data, parameter.grad = data, grad
        tolerance = TOLERANCE[self.dtype]
        scale = max(1.0, float(np.abs(self.grads).max(initial=0.0)))
        if not np.isclose(value, expected, rtol=tolerance, atol=tolerance, equal_nan=True):
            return f"its value comes out as {value!r} instead of {expected!r}"
        wrong = ~np.isclose(
            ours, self.grads, rtol=tolerance, atol=tolerance * scale, equal_nan=True
        )
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            name = self.parameters[i].label or f"parameter {i}"
            return f"the gradient of {name} comes out as {ours[i]!r} instead of {self.grads[i]!r}"
        return None


class _Recording:
    """A function, recorded on one example."""

    def __init__(self, loss: Value, normal: NormalForm, widths: list[_Width]) -> None:
        self.loss = loss
        self.normal = normal
        self.widths = widths


class _Width:
    """The inputs that an argument became."""

    def __init__(self, leaves: list[Input | Index], name: str, shape: tuple[int, ...]) -> None:
        self.leaves = leaves
        self.name = name
        self.inputs: list[Input] = []
        for leaf in leaves:
            self.inputs += leaf.chosen if isinstance(leaf, Index) else [leaf]
        if leaves and isinstance(leaves[0], Index):  # a number for each choice of each index
            self.counts = np.array([len(leaf.chosen) for leaf in leaves])  # type: ignore[union-attr]
            self.leaf_of = np.repeat(np.arange(len(leaves)), self.counts)
            self.choice = np.concatenate([np.arange(count) for count in self.counts])
        each = len(self.inputs) // max(1, len(leaves))
        self.shape = (*shape, each) if each > 1 else shape
        if math.prod(self.shape) != len(self.inputs):
            self.shape = (len(self.inputs),)

    def numbers(self, array: Any) -> Any:
        """The numbers of a batch, a row for each example."""
        flat = array.reshape(len(array), -1)
        if not self.leaves or not isinstance(self.leaves[0], Index):
            return flat
        wrong = (self.counts > 0) & ((flat < 0) | (flat >= self.counts)).any(axis=0)
        if wrong.any():
            column = int(np.flatnonzero(wrong)[0])
            highest = self.counts[column] - 1
            raise ValueError(f"indices must be from 0 to {highest}, got {flat[:, column].tolist()}")
        return flat[:, self.leaf_of] == self.choice


class _Program:
    """A recording, compiled for so many examples."""

    def __init__(self, recording: _Recording, count: int, function: CompiledFunction) -> None:
        self.widths = recording.widths
        inputs = sum(len(width.inputs) for width in self.widths)
        one = roll(recording.normal, len(function.parameters), inputs)
        plan: Plan = batched(one, count)
        differentiate(plan)
        head = f"{recording.normal.recorded:,} recorded scalars of one example"
        labels = [parameter.label for parameter in function.parameters]
        arguments = [(width.name, width.shape) for width in self.widths]
        emitted = emit(plan, function.dtype, head, labels, arguments)
        self.source = emitted.source
        self.numbers = np.zeros((count, inputs), function.dtype)
        namespace: dict[str, Any] = {}
        exec(builtins.compile(emitted.source, "<compiled>", "exec"), namespace)
        self.forward, self.backward, *outputs = namespace["make"](
            function.params, function.grads, self.numbers, emitted.constants
        )
        self.outputs = [np.atleast_1d(output) for output in outputs[0]] if outputs else []

    def fill(self, arrays: Sequence[Any]) -> None:
        """Take over the numbers of a batch."""
        start = 0
        for width, array in zip(self.widths, arrays, strict=True):
            end = start + len(width.inputs)
            if end > start:
                self.numbers[:, start:end] = width.numbers(array)
            start = end


def _batch(arg: Any, position: int, name: str) -> Any:
    array = np.asarray(arg)
    if array.ndim == 0 or array.dtype.kind not in "fiub":
        raise TypeError(
            f"argument {position} of {name} must be an array with an example in each row, got "
            f"{arg!r}"
        )
    if len(array) == 0:
        raise ValueError(f"argument {position} of {name} has no examples")
    return array


def _names(f: Callable[..., Any], count: int) -> list[str]:
    """What a function calls its arguments."""
    try:
        names = [
            parameter.name
            for parameter in inspect.signature(f).parameters.values()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        names = []
    return [*names, *(f"x{i + 1}" for i in range(len(names), count))][:count]


def _traced(example: Any) -> tuple[Any, list[Input | Index]]:
    """An example as nested lists of inputs, and these in a row."""
    kind: Any = Index if example.dtype.kind in "iu" else Input
    leaves = [kind(number) for number in example.reshape(-1).tolist()]
    return np.array([*leaves, None], dtype=object)[:-1].reshape(example.shape).tolist(), leaves
