"""compile: a recorded graph as a program of array operations, checked against the recording."""

from __future__ import annotations

import builtins
import linecache
import warnings
from collections.abc import Iterable
from typing import Any

try:
    import numpy as np
except ImportError as error:
    raise ImportError("compile needs NumPy: pip install 'autograd_engine[compile]'") from error

from autograd_engine import tree
from autograd_engine.compiler.arrays import zeros
from autograd_engine.compiler.collector import held_back
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.differentiate import differentiate
from autograd_engine.compiler.emit import emit
from autograd_engine.compiler.fallback import choose
from autograd_engine.compiler.ir import Array, Plan
from autograd_engine.compiler.normal import NormalForm, normalise
from autograd_engine.compiler.replay import Replay
from autograd_engine.compiler.roll import Irregular, roll
from autograd_engine.compiler.training import TrainStep
from autograd_engine.value import Value

__all__ = ["TOLERANCE", "CompileWarning", "Program", "compile", "groups"]

# How far a program's numbers may be from the recorded ones.
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}


class CompileWarning(UserWarning):
    """Something is run node by node or eagerly instead of being compiled; the message says why."""


class Program:
    """A recorded graph as a program of array operations.

    Attributes
    ----------
    parameters : list of Value
    params, grads : numpy.ndarray
        The numbers of the parameters, and their gradients, in a row. Optimizers change `params`
        in place.
    source : str
        What is run: NumPy source of matrices, straight-line Python, or a remark on how the graph
        is run otherwise.

    Notes
    -----
    Calls compute in the same arrays again and again: make them from one thread at a time. With
    other numbers, a result may be nan where eager code has a number, because inf times a 0 of a
    mask is nan.
    """

    def __init__(
        self,
        columns: Columns,
        parameters: list[Value],
        inputs: Any,
        dtype: str,
    ) -> None:
        leaves, _ = tree.flatten(inputs, "inputs")
        self.parameters = parameters
        self.dtype = dtype
        self.params = zeros(len(parameters), dtype)
        self.grads = zeros(len(parameters), dtype)
        self._inputs = np.array([value.data for value in leaves], dtype)
        self._structure = inputs
        self._report: list[str] = []
        self.pull()
        try:
            with held_back():
                expected = columns.gradient(parameters)
                self._compile(columns, leaves)
                reason = self._difference(columns, expected)
        except (TypeError, ValueError, ArithmeticError) as error:
            reason = str(error)
        if reason is not None:
            recorded = len(columns.nodes)
            warnings.warn(
                f"the graph of {recorded} nodes is replayed node by node: {reason}",
                CompileWarning,
                stacklevel=3,
            )
            replay = Replay(
                columns.nodes[-1], parameters, leaves, self.params, self.grads, self._inputs
            )
            self._forward, self._backward = replay.forward, replay.backward
            self._report = [f"{recorded} recorded scalars, replayed node by node: {reason}"]
            self.source = f"# {self._report[0]}\n"
        self.grads[:] = 0.0

    def _compile(self, columns: Columns, inputs: list[Value]) -> None:
        normal = normalise(columns, columns.nodes[-1], self.parameters, inputs)
        plan, reason = None, ""
        try:
            plan = self._plan(columns, normal, inputs)
        except Irregular as error:
            reason = f"{error}; "
        build, estimates = choose(normal, plan)
        if build is not None:
            program = build(self.params, self.grads, self._inputs)
            self._forward, self._backward = program.forward, program.backward
            self.source = program.source
            self._report = [program.title, f"  {reason}{estimates}"]
            return
        assert plan is not None
        labels = [parameter.label for parameter in self.parameters]
        emitted = emit(plan, self.dtype, f"{normal.recorded:,} recorded scalars", labels)
        self.source = emitted.source
        self._report = [emitted.heading, *groups(plan)]
        namespace: dict[str, Any] = {}
        name = f"<compiled {id(self):x}>"
        code = builtins.compile(emitted.source, name, "exec")
        # The source is made of this package's own names and of numbers; see emit.
        exec(code, namespace)
        linecache.cache[name] = (len(emitted.source), None, emitted.source.splitlines(True), name)
        self._forward, self._backward = namespace["make"](
            self.params, self.grads, self._inputs, emitted.constants
        )

    def _plan(self, columns: Columns, normal: NormalForm, inputs: list[Value]) -> Plan:
        """The statements, with the backward ones."""
        plan = roll(normal, len(self.parameters), len(inputs))
        differentiate(plan)
        return plan

    def _difference(self, columns: Columns, expected: Any) -> str | None:
        """What the program computes otherwise than it was recorded; None if nothing."""
        tolerance = TOLERANCE[self.dtype]
        value, grads = self.value_and_grad()
        recorded = float(columns.data[-1])
        if not np.isclose(value, recorded, rtol=tolerance, atol=tolerance, equal_nan=True):
            return f"its value comes out as {value!r}, recorded was {recorded!r}"
        size = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
        close = np.isclose(grads, expected, rtol=tolerance, atol=tolerance * size, equal_nan=True)
        for i in np.flatnonzero(~close)[:1]:
            name = self.parameters[i].label or f"parameter {i}"
            return (
                f"the gradient of {name} comes out as {float(grads[i])!r}, recorded was "
                f"{float(expected[i])!r}"
            )
        return None

    def __call__(self, inputs: Any = None) -> float:
        """The value of the loss.

        Parameters
        ----------
        inputs : optional
            Numbers in place of the inputs, in their structure; those of the last call if not
            given.
        """
        if inputs is not None:
            self._take(inputs)
        with np.errstate(all="ignore"):  # inf and nan are values here
            return float(self._forward())

    def value_and_grad(self, inputs: Any = None) -> tuple[float, Any]:
        """The value of the loss, and the gradient of each parameter.

        Parameters
        ----------
        inputs : optional
            As for a call.

        Returns
        -------
        value : float
        grads : numpy.ndarray
            The program's own, overwritten by the next call.
        """
        value = self(inputs)
        with np.errstate(all="ignore"):
            self._backward()
        return value, self.grads

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

    def train_step(self, optimizer: Any) -> TrainStep:
        """A step of training: the loss, its gradient, and the update of the parameters.

        Parameters
        ----------
        optimizer : nn.optim.Optimizer
            Of parameters of the program.

        Returns
        -------
        TrainStep
            Called with inputs as the program is, it returns the loss before the step.

        Raises
        ------
        TypeError, ValueError
            If the optimizer cannot be compiled, or has parameters that the program has not.

        Examples
        --------
        >>> from nn import SGD
        >>> x = Value(1.0)
        >>> program = compile(x * x)
        >>> step = program.train_step(SGD([x], lr=0.1))
        >>> [step() for _ in range(3)]
        [1.0, 0.64, 0.4096]
        >>> step.push()
        >>> x.data
        0.512
        """
        return TrainStep(self, optimizer)

    def report(self) -> str:
        """What was found: the groups of scalars, and why anything fell back."""
        return "\n".join(self._report)

    def __repr__(self) -> str:
        return f"<program of {len(self.parameters)} parameters: {self._report[0]}>"

    def _take(self, inputs: Any) -> None:
        if _has_dict(inputs):  # in whatever order
            leaves = tree.flatten_like(inputs, self._structure, "inputs", "the program's inputs")
        else:
            leaves, _ = tree.flatten(inputs, "inputs")
        if len(leaves) != len(self._inputs):
            raise ValueError(f"the number of inputs is {len(self._inputs)}, got {len(leaves)}")
        self._inputs[:] = [x.data if isinstance(x, Value) else x for x in leaves]


def compile(
    loss: Any = None,
    parameters: Iterable[Value] | None = None,
    inputs: Any = (),
    *,
    dtype: str = "float64",
    xp: Any = None,
) -> Any:
    """Compile a recorded graph, or a function, into a program of array operations.

    The scalars that were recorded alike, in whatever way they were written, become matrices; the
    program is run once and compared with what was recorded, value and gradients, and if anything
    differs a warning says what, and the graph is replayed node by node. A graph in which few
    scalars are alike is run as straight-line Python or level by level, as its report says.

    Parameters
    ----------
    loss : Value or callable
        What is computed; or a function that computes the loss of one example, to be called with
        a batch, as `CompiledFunction` says. ``@compile`` decorates one.
    parameters : iterable of Value, optional
        The leaves of which gradients are wanted; all leaves that are no inputs if not given, of a
        function those that its first call uses.
    inputs : Value, or lists, tuples, dicts or arrays of Values
        Leaves that change from call to call; a function has its arguments instead.
    dtype : {"float64", "float32"}
    xp : module, optional
        Of a function: the array library in which it computes, such as `jax.numpy`, `torch` or
        `numpy`. ``loss(params, x, y)`` is then a pure function of the parameters as one array,
        as `ArrayFunction` says.

    Returns
    -------
    Program, CompiledFunction or ArrayFunction

    Raises
    ------
    TypeError, ValueError
        If `loss` is neither, or a parameter or input is no leaf of its graph.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [16, 16, 1], seed=0)
    >>> data = nn.data.moons(100, seed=0)
    >>> loss = nn.mse([model(x) for x, _ in data], [y for _, y in data])
    >>> program = compile(loss, model.parameters())
    >>> value, grads = program.value_and_grad()
    >>> abs(value - loss.data) < 1e-12, grads.shape
    (True, (337,))
    """
    check_dtype(dtype)
    if loss is None:
        return lambda function: compile(function, parameters, inputs, dtype=dtype, xp=xp)
    if xp is not None:
        from autograd_engine.compiler.array_api import ArrayFunction

        if not callable(loss) or isinstance(loss, Value) or parameters is None:
            raise TypeError(
                "with xp, compile takes the loss of an example as a function, and its parameters: "
                "compile(f, model.parameters(), xp=...)"
            )
        return ArrayFunction(loss, parameters, xp, dtype)
    if callable(loss) and not isinstance(loss, Value):
        from autograd_engine.compiler.function import CompiledFunction

        if tree.flatten(inputs, "inputs")[0]:
            raise TypeError("a function takes its inputs when it is called: leave out inputs")
        return CompiledFunction(loss, dtype, parameters=parameters)
    if not isinstance(loss, Value):
        raise TypeError(f"compile takes a Value or a function, got {loss!r}")
    with held_back():
        columns = Columns(loss)
    trained = chosen_parameters(columns, parameters, inputs)
    return Program(columns, trained, inputs, dtype)


def check_dtype(dtype: str) -> None:
    """An error for what programs do not compute with."""
    if dtype not in TOLERANCE:
        raise ValueError(f"dtype must be one of {', '.join(TOLERANCE)}, got {dtype!r}")


def chosen_parameters(
    columns: Columns, parameters: Iterable[Value] | None, inputs: Any
) -> list[Value]:
    """The parameters of a graph; they are checked, and so are the inputs."""
    given, _ = tree.flatten(inputs, "inputs")
    leaves = columns.leaves()
    known, varying = set(leaves), set(given)
    trained = [leaf for leaf in leaves if leaf not in varying]
    if parameters is not None:
        trained = list(parameters)
    for what, values in (("parameter", trained), ("input", given)):
        for value in values:
            if not isinstance(value, Value):
                raise TypeError(f"{what}s must be Values, got {value!r}")
            if value not in known and not (what == "parameter" and value.is_leaf):
                raise ValueError(f"the {what} {value!r} is no leaf of the graph of the loss")
    if len(set(trained)) != len(trained) or set(trained) & varying:
        raise ValueError("each Value is given once, as a parameter or as an input")
    return trained


def _has_dict(inputs: Any) -> bool:
    if isinstance(inputs, (list, tuple)):
        return any(map(_has_dict, inputs))
    return isinstance(inputs, dict)


def groups(plan: Plan) -> list[str]:
    """A line for each group of scalars that became a statement."""
    return [
        f"  {type(statement).__name__.removesuffix('Statement').lower()} over {statement.sizes} "
        f"gives {statement.out.array.shape}{_padding(statement.out.array)}"
        for statement in plan.forward
    ]


def _padding(array: Array) -> str:
    if array.live is None:
        return ""
    return f", padded from {int(array.live.sum())} scalars to {array.size}"
