"""Derivatives of compiled losses: differentiated as scalars first, and rolled afterwards.

The engine's own derivatives are recorded as scalars like any others: `grad` finds the matrices of
back-propagation in them, knowing nothing of gradients. The derivative along a vector is compiled
the same way, and the gradient of that program is the Hessian times the vector.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_engine.compiler.branches import recorded_branches
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.differentiate import gather
from autograd_engine.compiler.function import CompiledFunction
from autograd_engine.compiler.ir import Plan
from autograd_engine.compiler.normal import NormalForm, normalise
from autograd_engine.compiler.program import Program, check_dtype, chosen_parameters
from autograd_engine.compiler.roll import Irregular, roll
from autograd_engine.derivatives import gradient, tangent
from autograd_engine.value import Value, as_node

__all__ = ["Gradient", "HessianVectorProduct", "grad", "hessian", "hessian_vector_product"]


class Gradient:
    """The gradient of a loss as a program; `grad` makes it.

    Attributes
    ----------
    program : Program or CompiledFunction
        Of the loss, whose gradient is not derived from its statements but recorded.
    params : numpy.ndarray
        Where the gradient is taken: of a compiled function its own, which optimizers change.
    """

    def __init__(self, program: Any) -> None:
        self.program = program

    def __call__(self, *inputs: Any) -> Any:
        """The gradient.

        Parameters
        ----------
        *inputs
            Numbers in place of the inputs of a graph, or the batch of a function.

        Returns
        -------
        numpy.ndarray
            A number for each parameter.
        """
        return self.program.value_and_grad(*inputs)[1].copy()

    @property
    def params(self) -> Any:
        return self.program.params

    @property
    def source(self) -> str:
        """The NumPy source of the program."""
        return "" if self.program is None else str(self.program.source)


class _SlopesOfGraph(Program):
    """A program whose gradient was recorded."""

    def _plan(self, columns: Columns, normal: NormalForm, inputs: list[Value]) -> Plan:
        plan = _with_slopes(columns.nodes[-1], self.parameters, inputs)
        gather(plan)
        return plan


class _SlopesOfFunction(CompiledFunction):
    """A compiled function whose gradient was recorded."""

    def _roll(self, tape: Any, variables: list[Value]) -> tuple[NormalForm, Plan | None]:
        normal, _ = super()._roll(tape, variables)
        plan = None
        with suppress(Irregular):
            plan = _with_slopes(tape.loss, variables, tape.inputs)
        return normal, plan

    def _differentiate(self, plan: Plan, count: int) -> None:
        gather(plan, count)


def _with_slopes(loss: Value, parameters: Sequence[Value], inputs: Sequence[Value]) -> Plan:
    """The forward plan of a loss, with its derivatives as outputs."""
    known = {*parameters, *inputs}
    with recorded_branches():
        slopes = gradient(loss, list(parameters), create_graph=True)
    # What depends on nothing is a constant.
    slopes = [x if x in known or not x.is_leaf else as_node(x.data) for x in slopes]
    normal = normalise(Columns(loss, *slopes), loss, parameters, inputs, slopes)
    return roll(normal, len(parameters), len(inputs))


class _GradientOfFunction(Gradient):
    """The mean of the gradient over a batch."""

    def __init__(self, function: CompiledFunction, pulls: bool) -> None:
        super().__init__(None)
        self.function, self.pulls = function, pulls

    def __call__(self, *inputs: Any) -> Any:
        _recorded(self.function, inputs, self.pulls)
        if self.program is None or len(self.program.parameters) != len(self.params):
            function = self.function

            @functools.wraps(function, updated=())
            def loss(*example: Any) -> Value:
                return function.of_example(*example)

            self.program = _SlopesOfFunction(loss, function.dtype, parameters=function.parameters)
        self.program.pull_others()
        self.program.params[:] = self.params
        return super().__call__(*inputs)

    @property
    def params(self) -> Any:
        return self.function.params


class HessianVectorProduct:
    """The Hessian of a loss times a vector, as a program; `hessian_vector_product` makes it.

    Attributes
    ----------
    program : Program or CompiledFunction
        Of the derivative along the vector.
    params : numpy.ndarray
        Where the Hessian is taken: of a compiled function its own, which optimizers change.
    """

    def __init__(self, program: Any) -> None:
        self.program = program

    def __call__(self, vector: Any, *inputs: Any) -> Any:
        """The product with a vector.

        Parameters
        ----------
        vector : array of float
            A number for each parameter.
        *inputs
            Numbers in place of the inputs of a graph, or the batch of a function.

        Returns
        -------
        numpy.ndarray
        """
        numbers = self._checked(vector)
        if len(inputs) > 1:
            raise TypeError(f"the inputs of a graph are given as one list or dict, got {inputs!r}")
        if inputs:
            return self.program.value_and_grad([numbers.tolist(), inputs[0]])[1].copy()
        self.program._inputs[: len(numbers)] = numbers  # the vector is the first of the inputs
        return self.program.value_and_grad()[1].copy()

    def matrix(self, *inputs: Any) -> Any:
        """The Hessian itself, a column for each parameter."""
        columns = np.eye(len(self.params))
        return np.stack([self(column, *inputs) for column in columns], 1)

    @property
    def params(self) -> Any:
        return self.program.params

    @property
    def source(self) -> str:
        """The NumPy source of the program."""
        return "" if self.program is None else str(self.program.source)

    def _checked(self, vector: Any) -> Any:
        numbers = np.asarray(vector, float)
        if numbers.shape != self.params.shape:
            raise ValueError(
                f"the vector must have a number for each of the {len(self.params)} parameters, "
                f"got {vector!r}"
            )
        return numbers


class _OfFunction(HessianVectorProduct):
    """The same of a function of an example: the mean over a batch."""

    def __init__(self, function: CompiledFunction, pulls: bool) -> None:
        super().__init__(None)
        self.function, self.pulls = function, pulls

    def __call__(self, vector: Any, *inputs: Any) -> Any:
        self._record(inputs)
        count = len(self.params)
        self.program.pull_others()
        self.program.params[:count] = self.params
        self.program.params[count:] = self._checked(vector)
        return self.program.value_and_grad(*inputs)[1][:count].copy()

    def matrix(self, *inputs: Any) -> Any:
        self._record(inputs)
        return super().matrix(*inputs)

    @property
    def params(self) -> Any:
        return self.function.params

    def _record(self, inputs: tuple[Any, ...]) -> None:
        """Make the program, when it is known which parameters the function uses."""
        _recorded(self.function, inputs, self.pulls)
        if self.program is None or len(self.program.parameters) != 2 * len(self.params):
            parameters = self.function.parameters
            vector = [Value(1.0) for _ in parameters]

            @functools.wraps(self.function, updated=())
            def along(*example: Any) -> Value:
                return tangent(self.function.of_example(*example), parameters, vector)

            dtype = self.function.dtype
            self.program = CompiledFunction(along, dtype, parameters=[*parameters, *vector])


def grad(
    loss: Any,
    parameters: Iterable[Value] | None = None,
    inputs: Any = (),
    *,
    dtype: str = "float64",
) -> Gradient:
    """Compile the gradient of a loss from its recorded derivatives.

    The numbers are those of ``value_and_grad``, which derives each statement and compiles faster.
    What is here is found in the scalars themselves: that a gradient is made of matrix products.

    Parameters
    ----------
    loss, parameters, inputs, dtype
        As for `hessian_vector_product`.

    Returns
    -------
    Gradient
        Called with the inputs or the batch, if there are any.

    Examples
    --------
    >>> x, y = Value(3.0), Value(4.0)
    >>> grad(x * x * y, [x, y])()
    array([24.,  9.])
    """
    function = _function_of(loss, parameters, dtype, "grad")
    if function is not None:
        return _GradientOfFunction(function, pulls=function is not loss)
    columns = Columns(loss)
    trained = chosen_parameters(columns, parameters, inputs)
    return Gradient(_SlopesOfGraph(columns, trained, inputs, dtype))


def hessian_vector_product(
    loss: Any,
    parameters: Iterable[Value] | None = None,
    inputs: Any = (),
    *,
    dtype: str = "float64",
) -> HessianVectorProduct:
    """Compile the product of the Hessian of a loss with a vector.

    Parameters
    ----------
    loss : Value, CompiledFunction or callable
        A recorded graph, or a function of one example, called with batches as `compile` says: then
        it is the Hessian of the mean over a batch.
    parameters : iterable of Value, optional
        Of a graph, all leaves that are no inputs if not given; of a function, all that it uses.
    inputs : Value, or lists, tuples, dicts or arrays of Values
        Leaves of a graph that change from call to call.
    dtype : {"float64", "float32"}
        A compiled function has its own.

    Returns
    -------
    HessianVectorProduct
        Called with the vector, and with the inputs or the batch if there are any.

    References
    ----------
    Pearlmutter, Fast exact multiplication by the Hessian, 1994.

    Examples
    --------
    >>> x, y = Value(3.0), Value(4.0)
    >>> product = hessian_vector_product(x * x * y, [x, y])
    >>> product([1.0, 0.0])
    array([8., 6.])

    Of a function, at the numbers that its parameters have, or a compiled function has for them:

    >>> w = Value(1.0)
    >>> product = hessian_vector_product(lambda x: (w * x) ** 2)
    >>> product([1.0], [1.0, 2.0, 3.0])
    array([9.33333333])
    """
    function = _function_of(loss, parameters, dtype, "hessian_vector_product")
    if function is not None:
        return _OfFunction(function, pulls=function is not loss)
    trained = chosen_parameters(Columns(loss), parameters, inputs)
    vector = [Value(1.0) for _ in trained]
    with recorded_branches():
        along = tangent(loss, trained, vector)
    return HessianVectorProduct(Program(Columns(along), trained, [vector, inputs], dtype))


def hessian(
    loss: Any,
    parameters: Iterable[Value] | None = None,
    inputs: Any = (),
    *,
    dtype: str = "float64",
) -> Callable[..., Any]:
    """Compile the Hessian of a loss.

    Parameters
    ----------
    loss, parameters, inputs, dtype
        As for `hessian_vector_product`, which is called for each column.

    Returns
    -------
    callable
        Takes the inputs or the batch, if there are any, and returns a numpy.ndarray of shape
        (parameters, parameters).

    Examples
    --------
    >>> x, y = Value(3.0), Value(4.0)
    >>> hessian(x * x * y, [x, y])()
    array([[8., 6.],
           [6., 0.]])
    """
    return hessian_vector_product(loss, parameters, inputs, dtype=dtype).matrix


def _function_of(
    loss: Any, parameters: Iterable[Value] | None, dtype: str, name: str
) -> CompiledFunction | None:
    """The function that is given, compiled; None for a graph."""
    check_dtype(dtype)
    if isinstance(loss, CompiledFunction):
        if parameters is not None:
            raise ValueError("a compiled function knows its parameters: give none")
        return loss
    if isinstance(loss, Value):
        return None
    if not callable(loss):
        raise TypeError(f"{name} takes a Value or a function, got {loss!r}")
    return CompiledFunction(loss, dtype, parameters=parameters)


def _recorded(function: CompiledFunction, inputs: tuple[Any, ...], pulls: bool) -> None:
    """See to it that the parameters of a function are known, and their numbers."""
    if not function.parameters:
        function(*inputs)
    if pulls:  # nobody else has the function, and could have changed its numbers
        function.pull()
