"""compile of a function: recorded on one example, run on batches."""

from __future__ import annotations

import builtins
import functools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_engine import tree
from autograd_engine.compiler.arrays import has_nan_or_inf, zeros
from autograd_engine.compiler.batch import batched
from autograd_engine.compiler.branches import recorded_branches
from autograd_engine.compiler.collector import held_back
from autograd_engine.compiler.differentiate import differentiate
from autograd_engine.compiler.emit import emit
from autograd_engine.compiler.fallback import choose
from autograd_engine.compiler.ir import Plan
from autograd_engine.compiler.normal import NormalForm, normalise
from autograd_engine.compiler.program import TOLERANCE, CompileWarning, groups
from autograd_engine.compiler.roll import Irregular, roll
from autograd_engine.compiler.tape import Argument, Tape, argument_names, traced
from autograd_engine.compiler.training import TrainStep
from autograd_engine.derivatives import gradient
from autograd_engine.modes import mode_block
from autograd_engine.tracing import Recorder, held
from autograd_engine.value import Value

__all__ = ["CompiledFunction"]


class CompiledFunction:
    """The loss of one example as a function of whole batches.

    Called with arrays that have the examples along their first axis, it returns the mean of the
    loss. It is recorded once for each structure of its arguments, on some examples of the batch
    that must be recorded alike; what it uses besides its arguments and parameters stays as it was
    then, until `forget`. Every program is run once on the recorded examples, value, gradients and
    outputs; if anything differs, a warning says what, and the function is run as it is, example by
    example. So is, without a warning, a batch whose value or gradient comes out as nan or inf.

    Parameters
    ----------
    f : callable
        Returns a Value.
    dtype : {"float64", "float32"}
    parameters : iterable of Value, optional
        Of which gradients are wanted; if not given, the Values that the first call uses.
    has_aux : bool
        Whether the function returns the loss and something else: a Value, or lists, tuples, dicts
        or arrays of Values and numbers.

    Attributes
    ----------
    params, grads : numpy.ndarray
        The numbers of the parameters and their gradients in a row; optimizers change `params` in
        place.
    is_finite : bool
        Whether the last value, and its gradient if it was computed, are finite.

    Notes
    -----
    Calls compute in the same arrays again and again: make them from one thread at a time.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        dtype: str = "float64",
        *,
        parameters: Iterable[Value] | None = None,
        has_aux: bool = False,
    ) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._name = getattr(f, "__name__", repr(f))
        self.dtype = dtype
        self._has_aux = has_aux
        self._outputs: tuple[tree.Rebuild, list[Any]] = list, []
        self.is_finite = True
        self._recordings: dict[Any, list[_Recording]] = {}
        self._source = self._report = ""
        self._given = parameters is not None
        self._parameters: list[Value] | None = None
        self.params: Any = np.zeros(0, dtype)
        self.grads: Any = np.zeros(0, dtype)
        if parameters is not None:
            self._fix(list(parameters))

    def __call__(self, *args: Any) -> float:
        """The mean of the loss over a batch.

        Parameters
        ----------
        *args
            Arrays, or lists, with an example in each row: of floats for numbers, of integers for
            what chooses.

        Raises
        ------
        TypeError, ValueError
            If they are no such arrays, have no examples or not as many each, or an integer is out
            of range; and if the function looks at a number that is another in another call.
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

        Raises
        ------
        TypeError, ValueError
            As for a call.
        """
        return self._run(args, backward=True), self.grads

    def train_step(self, optimizer: Any) -> TrainStep:
        """A step of training: the mean of the loss, its gradient, and the update of the parameters.

        Parameters
        ----------
        optimizer : nn.optim.Optimizer
            Whose parameters are those of the function, if it does not know them yet.

        Returns
        -------
        TrainStep
            Called with a batch as the function is, it returns the loss before the step.

        Raises
        ------
        TypeError, ValueError
            If the optimizer cannot be compiled, or has parameters that the function has not.
        """
        step = TrainStep(self, optimizer)
        if self._parameters is None:
            self._given = True
            self._fix(list(optimizer.parameters))
        return step

    @property
    def parameters(self) -> list[Value]:
        """The parameters, in the order of `params`; known after the first call, and then fixed."""
        return list(self._parameters or ())

    @property
    def source(self) -> str:
        """The NumPy source of the last program, or a remark why there is none."""
        return self._source

    @property
    def aux(self) -> Any:
        """With `has_aux`, what else was returned for the last batch.

        In place of each Value an array with a number for each example. The next call overwrites
        them.
        """
        rebuild, outputs = self._outputs
        return rebuild(outputs)

    def report(self) -> str:
        """What was found in the last program: the groups of scalars, and why anything fell back."""
        return self._report

    def pull(self) -> None:
        """Take the numbers of the parameters, and of other Values, from the Values."""
        self.params[:] = [parameter.data for parameter in self._parameters or ()]
        self.pull_others()

    def pull_others(self) -> None:
        """Take the numbers of the Values that are no parameters."""
        for recording in self._all_recordings():
            recording.pull()

    def push(self) -> None:
        """Give the Values the numbers of the parameters, and their gradients."""
        for parameter, number, grad in zip(
            self._parameters or (), self.params.tolist(), self.grads.tolist(), strict=True
        ):
            parameter.data = number
            parameter.grad = grad

    def forget(self) -> None:
        """Forget the programs: the next call records the function as it is then."""
        self._recordings.clear()

    def changed(self) -> str | None:
        """What the function does otherwise than when it was recorded, in the mode it is in now.

        Returns
        -------
        str or None
            None if it is recorded as before.
        """
        with held_back():
            for recording in self._all_recordings():
                if not recording.reason and recording.is_in_mode():
                    found = self._repeated(recording, recording.example)
                    if isinstance(found, str):
                        return found
        return None

    def of_example(self, *example: Any) -> Value:
        """The loss of one example, recorded."""
        return self._returned(list(example))[0]

    # --- running -----------------------------------------------------------------------------

    def _run(self, args: tuple[Any, ...], backward: bool) -> float:
        arrays = self._batch(args)
        recording = self._recording(arrays)
        program = self._program(recording, len(arrays[0]))
        if program is None:
            if not recording.is_told:
                recording.is_told = True
                warnings.warn(
                    f"{self._name} is run eagerly, example by example: {recording.reason}",
                    CompileWarning,
                    stacklevel=3,
                )
            self._report = f"run eagerly, example by example: {recording.reason}"
            self._source = f"# {self._report}\n"
            return self._eagerly(arrays, backward, recording.tape)
        self._source, self._report = program.source, program.report
        self._fill(program, recording.tape, arrays)
        value = recording.run(program, self, backward)
        self._look(value, backward)
        if not self.is_finite:
            # A 0 of a mask, or of what is not picked, times inf is nan; eager code has no such 0.
            return self._eagerly(arrays, backward, recording.tape)
        self._outputs = recording.tape.rebuild, program.outputs
        return value

    def _batch(self, args: tuple[Any, ...]) -> list[Any]:
        """The arguments as arrays."""
        arrays = []
        for i, arg in enumerate(args):
            try:
                array = np.asarray(arg)
            except ValueError:
                raise ValueError(
                    f"{self._named(i)} has examples of several shapes; pad them, or give those of "
                    "one shape in a call"
                ) from None
            if array.ndim == 0 or array.dtype.kind not in "fiub":
                raise TypeError(
                    f"{self._named(i)} must be an array of numbers with an example in each row, "
                    f"got {arg!r}"
                )
            if len(array) == 0:
                raise ValueError(f"{self._named(i)} has no examples")
            arrays.append(array)
        if not arrays:
            raise TypeError(f"{self._name} takes at least one array of examples")
        count = len(arrays[0])
        for i, array in enumerate(arrays):
            if len(array) != count:
                raise ValueError(
                    f"argument 0 has {count} examples and argument {i} has {len(array)}"
                )
        return arrays

    def _named(self, i: int) -> str:
        return f"argument {i} of {self._name}"

    def _fill(self, program: _Program, tape: Tape, arrays: list[Any]) -> None:
        """Give a program the numbers of a batch."""
        for argument, array, columns in zip(tape.arguments, arrays, program.columns, strict=True):
            argument.write(array.reshape(len(array), -1), columns)
        if tape.samples:
            # Example by example, as eager code draws them.
            drawn = [[sample() for sample in tape.samples] for _ in arrays[0]]
            program.numbers[:, -len(tape.samples) :] = drawn

    def _eagerly(self, arrays: list[Any], backward: bool, tape: Tape) -> float:
        parameters = self.parameters
        kept = [parameter.data for parameter in parameters]  # which are the user's
        total, slopes = 0.0, np.zeros(len(parameters))
        rows = []
        try:
            _give(parameters, self.params.tolist())
            for example in range(len(arrays[0])):
                loss, leaves, rebuild = self._returned(
                    [array[example].tolist() for array in arrays]
                )
                total += loss.data
                rows.append([x.data if isinstance(x, Value) else x for x in leaves])
                if backward:
                    slopes += gradient(loss, parameters)
        finally:
            _give(parameters, kept)
        if backward:
            self.grads[:] = slopes / len(rows)
        self._look(total, backward)
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        # What was recorded is a number of each example, even if it needs no Value here.
        known = tape.outputs if len(tape.outputs) == len(leaves) else leaves
        self._outputs = (
            rebuild,
            [
                column if isinstance(x, Value) or isinstance(output, Value) else x
                for column, x, output in zip(columns, leaves, known, strict=True)
            ],
        )
        return total / len(rows)

    def _look(self, value: float, backward: bool) -> None:
        """Whether the value, and the gradient if it was computed, are finite."""
        self.is_finite = math.isfinite(value) and not (backward and has_nan_or_inf(self.grads))

    def _returned(self, arguments: list[Any]) -> tuple[Value, list[Any], tree.Rebuild]:
        """The loss, the leaves of what else is returned, and how to put these together."""
        returned = self._f(*arguments)
        loss, others = returned if self._has_aux else (returned, [])
        if not isinstance(loss, Value):
            raise TypeError(f"{self._name} must return one Value, got {loss!r}")
        leaves, rebuild = tree.flatten(others, f"what {self._name} returns besides the loss")
        return loss, leaves, rebuild

    # --- recording ---------------------------------------------------------------------------

    def _all_recordings(self) -> Iterator[_Recording]:
        return (each for recordings in self._recordings.values() for each in recordings)

    def _recording(self, arrays: list[Any]) -> _Recording:
        """What the function does with such examples, in the mode that it is in now."""
        structure = tuple((array.shape[1:], array.dtype.kind) for array in arrays)
        for recording in self._recordings.get(structure, ()):
            if recording.is_in_mode():
                if not (recording.is_compared or recording.reason):
                    with held_back():
                        self._compare(recording, arrays)
                return recording
        with held_back():
            recording = self._record(arrays)
        self._recordings.setdefault(structure, []).append(recording)
        return recording

    def _record(self, arrays: list[Any]) -> _Recording:
        example = [array[0] for array in arrays]
        tape = self._recorded(example)
        parameters = tape.variables if self._parameters is None else self._parameters
        known = set(parameters)
        others = [leaf for leaf in tape.variables if leaf not in known]
        if others and not self._given:
            names = ", ".join(leaf.label or repr(leaf) for leaf in others[:3])
            raise ValueError(
                f"{self._name} uses Values that its first call did not use, such as {names}: give "
                "all its parameters, as in compile(f, parameters=[...])"
            )
        recording = _Recording(tape, example, parameters, others)
        self._compare(recording, arrays)
        recording.reason = recording.reason or self._otherwise(tape, example)
        if self._parameters is None:
            self._fix(parameters)
        return recording

    def _compare(self, recording: _Recording, arrays: list[Any]) -> None:
        """Record another example, which must be recorded like the first.

        If the first call has no other, the next call's is recorded, be it the same; and then the
        first one that differs.
        """
        last = len(arrays[0]) - 1
        examples = [[array[i] for array in arrays] for i in (last, last // 2, 0)]
        others = [
            example
            for example in examples
            if not all(map(np.array_equal, example, recording.example))
        ]
        is_first = recording.params is None
        if not others and (is_first or recording.is_repeated):
            return
        recording.is_compared, recording.is_repeated = bool(others), True
        found = self._repeated(recording, (others or examples)[0])
        if isinstance(found, str):
            recording.reason = found
        elif is_first:  # recorded with the same parameters
            recording.checks.append(found.check(recording.variables))

    def _otherwise(self, tape: Tape, example: list[Any]) -> str | None:
        """What the function gives for plain numbers, if that is something else."""
        if tape.samples:
            return None
        try:
            plain = self._returned([array.tolist() for array in example])[0].data
        except Exception:  # it is written for Values
            return None
        recorded = tape.loss._data
        if not math.isfinite(recorded) or math.isclose(plain, recorded, rel_tol=1e-9, abs_tol=1e-9):
            return None
        return f"it gives {recorded!r} for Values and {plain!r} for the same numbers as floats"

    def _repeated(self, recording: _Recording, example: list[Any]) -> Tape | str:
        """Another recording, or what is different in it."""
        tape = self._recorded(example, recording.variables)
        difference = recording.tape.difference(tape)
        if difference is None:
            return tape
        what, created = difference
        places = self._recorded(example, recording.variables, places=True).places
        after = [place for when, place in sorted(places.items()) if when >= created >= 0]
        return what + (after[0] if after else "")

    def _recorded(
        self,
        example: list[Any],
        variables: Sequence[Value] = (),
        places: bool = False,
    ) -> Tape:
        """The function on one example, while nobody can look at these variables."""
        given, arguments = [], []
        names = argument_names(self._f, len(example))
        for i, (array, name) in enumerate(zip(example, names, strict=True)):
            nested, leaves = traced(array)
            given.append(nested)
            arguments.append(Argument(name, self._named(i), leaves, array.shape))
        recorder = Recorder(places)
        modes = mode_block(recording=True, watcher=recorder)
        with held(variables), modes, recorded_branches():
            loss, outputs, rebuild = self._returned(given)
        return Tape(loss, outputs, rebuild, arguments, recorder)

    def _fix(self, parameters: list[Value]) -> None:
        for parameter in parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"parameters must be Values, got {parameter!r}")
            if not parameter.is_leaf:
                raise ValueError(
                    f"the parameter {parameter!r} is the result of {parameter.op!r}: give the "
                    "Values that it was made from"
                )
        if len(set(parameters)) != len(parameters):
            raise ValueError("a parameter is given twice")
        self._parameters = parameters
        self.params = zeros(len(parameters), self.dtype)
        self.grads = zeros(len(parameters), self.dtype)
        self.pull()

    # --- programs ----------------------------------------------------------------------------

    def _roll(self, tape: Tape, variables: list[Value]) -> tuple[NormalForm, Plan | None]:
        """The normal form of one example, and its forward statements unless it is irregular."""
        normal = normalise(tape.columns, tape.loss, variables, tape.inputs, tape.wanted())
        plan = None
        with suppress(Irregular):
            plan = roll(normal, len(variables), len(tape.inputs))
        return normal, plan

    def _differentiate(self, plan: Plan, count: int) -> None:
        """Give the statements for a batch their backward ones."""
        differentiate(plan)

    def _program(self, recording: _Recording, count: int) -> _Program | None:
        """The program for so many examples; None if there is a reason against it."""
        if recording.reason:
            return None
        if count not in recording.programs:
            with held_back():
                try:
                    program = _Program(recording, count, self)
                    recording.reason = recording.wrong(program, TOLERANCE[self.dtype])
                except Exception as error:  # then it can still be run eagerly
                    recording.reason = f"{type(error).__name__}: {error}"
            if recording.reason:
                return None
            recording.programs[count] = program
        return recording.programs[count]


class _Recording:
    """What a function does with examples of one structure, in one mode.

    Attributes
    ----------
    tape : Tape
    example : list of arrays
        What was recorded.
    variables : list of Value
        The parameters, and after them the other Values, which are not trained.
    checks : list of Check
        What every program must give for the examples that were recorded.
    reason : str or None
        Why it is run eagerly, if it is.
    is_compared, is_repeated : bool
        Whether another example, or any, was recorded like this one.
    programs : dict
        By the number of examples.
    """

    def __init__(
        self, tape: Tape, example: list[Any], parameters: list[Value], others: list[Value]
    ) -> None:
        self.tape, self.example = tape, example
        self.trained, self.others = len(parameters), others
        self.variables = [*parameters, *others]
        self.numbers = [variable._data for variable in self.variables]
        self.checks = [tape.check(self.variables)]
        self.reason: str | None = None
        self.is_compared = self.is_repeated = self.is_told = False
        self.programs: dict[int, _Program] = {}
        self._rolled: tuple[NormalForm, Plan | None] | None = None
        self.params: Any = None
        self.grads: Any = None

    def is_in_mode(self) -> bool:
        """Whether everything that was asked whether it is in training would say the same."""
        return all(thing.training == mode for thing, mode in self.tape.modes)

    def rolled(self, function: CompiledFunction) -> tuple[NormalForm, Plan | None]:
        """The normal form of one example, and its forward statements unless it is irregular."""
        if self._rolled is None:
            self._rolled = function._roll(self.tape, self.variables)
            self.params, self.grads = function.params, function.grads
            if self.others:
                self.params = np.zeros(len(self.variables), function.dtype)
                self.grads = np.zeros(len(self.variables), function.dtype)
                self.pull()
        return self._rolled

    def pull(self) -> None:
        """Take the numbers of the other Values."""
        if self.others and self.params is not None:
            self.params[self.trained :] = [value._data for value in self.others]

    def run(self, program: _Program, function: CompiledFunction, backward: bool) -> float:
        """The value for the batch that the program was filled with."""
        if self.others:
            self.params[: self.trained] = function.params
        value = program.run(backward)
        if self.others and backward:
            function.grads[:] = self.grads[: self.trained]
        return value

    def wrong(self, program: _Program, tolerance: float) -> str | None:
        """What a program gives for the recorded examples otherwise than they did, if anything."""
        checks = self.checks[: program.count]
        rows = np.arange(program.count) % len(checks)
        kept = self.params.copy(), self.grads.copy()
        self.params[:] = self.numbers
        program.numbers[...] = np.array([check.numbers for check in checks])[rows]
        try:
            value = program.run(backward=True)
            slopes = self.grads.copy()
            outputs = [
                np.array(column)
                for x, column in zip(self.tape.outputs, program.outputs, strict=True)
                if isinstance(x, Value)
            ]
        finally:
            self.params[:], self.grads[:] = kept
        with np.errstate(all="ignore"):
            shares = np.bincount(rows) / program.count
            values = np.array([check.value for check in checks])
            mean = shares @ values
            if _unlike(np.array([value]), np.array([mean]), values, tolerance) is not None:
                return f"its value comes out as {value!r} instead of {float(mean)!r}"
            expected = shares @ np.array([check.slopes for check in checks])
            wrong = _unlike(slopes, expected, expected, tolerance)
            if wrong is not None:
                name = self.variables[wrong].label or f"parameter {wrong}"
                return (
                    f"the gradient of {name} comes out as {float(slopes[wrong])!r} instead of "
                    f"{float(expected[wrong])!r}"
                )
            for i, column in enumerate(outputs):
                results = np.array([check.outputs[i] for check in checks])[rows]
                if _unlike(column, results, results, tolerance) is not None:
                    return "what it returns besides the loss comes out otherwise"
        return None


def _unlike(ours: Any, expected: Any, scale: Any, tolerance: float) -> int | None:
    """The first place where two arrays differ by more than rounding; None if nowhere."""
    largest = np.abs(scale[np.isfinite(scale)]).max(initial=1.0)
    close = np.isclose(ours, expected, rtol=tolerance, atol=tolerance * largest, equal_nan=True)
    return None if close.all() else int(np.flatnonzero(~close)[0])


class _Program:
    """A recording, compiled for so many examples.

    Attributes
    ----------
    source, report : str
    count : int
    numbers : numpy.ndarray
        The inputs, a row for each example.
    columns : list of numpy.ndarray
        Those of each argument.
    outputs : list
        For each leaf of what is returned besides the loss an array with a number for each example,
        or the number that it is in all of them.
    """

    def __init__(self, recording: _Recording, count: int, function: CompiledFunction) -> None:
        tape = recording.tape
        normal, forward = recording.rolled(function)
        self.count = count
        self.numbers = np.zeros((count, len(tape.inputs)), function.dtype)
        ends = np.cumsum([len(argument.inputs) for argument in tape.arguments])
        self.columns = np.split(self.numbers, ends, axis=1)[:-1]
        plan: Plan | None = None
        if forward is not None:
            plan = batched(forward, count)
            function._differentiate(plan, count)
        build, estimates = choose(normal, plan, count)
        if build is not None:
            program = build(recording.params, recording.grads, self.numbers)
            self.source, wanted = program.source, program.outputs
            self.report = f"{program.title}\n  {estimates}"
            self._forward, self._backward = program.forward, program.backward
        else:
            assert plan is not None
            labels = [variable.label for variable in recording.variables]
            arguments = [(argument.name, argument.shape) for argument in tape.arguments]
            if tape.samples:
                arguments.append(("random", (len(tape.samples),)))
            head = f"{len(tape.columns.nodes):,} recorded scalars of one example"
            emitted = emit(plan, function.dtype, head, labels, arguments)
            self.source = emitted.source
            self.report = "\n".join([emitted.heading, *groups(plan)])
            namespace: dict[str, Any] = {}
            exec(builtins.compile(emitted.source, "<compiled>", "exec"), namespace)
            self._forward, self._backward, *outputs = namespace["make"](
                recording.params, recording.grads, self.numbers, emitted.constants
            )
            wanted = outputs[0] if outputs else []
        columns = dict(zip(tape.wanted(), wanted, strict=True))
        columns |= {x: self.numbers[:, i] for i, x in enumerate(tape.inputs)}
        columns |= {x: recording.params[i : i + 1] for i, x in enumerate(recording.variables)}
        self.outputs = [
            np.broadcast_to(columns.get(x, x._data), (count,)) if isinstance(x, Value) else x
            for x in tape.outputs
        ]

    def run(self, backward: bool) -> float:
        """The value, and with the backward pass the gradients."""
        with np.errstate(all="ignore"):  # inf and nan are values here
            value = float(self._forward())
            if backward:
                self._backward()
        return value


def _give(values: Sequence[Value], numbers: Sequence[float]) -> None:
    for value, number in zip(values, numbers, strict=True):
        value.data = number
