"""Derivatives of functions and of recorded graphs, of any order.

Everything here reads the partials that the primitives give: as the floats that were recorded, or,
where a derivative is to be differentiated again, as Values that the same primitives compute from
Values. Nothing here touches anybody's `grad`.
"""

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from autograd_engine import functions, graph, modes, primitives, rules, tree
from autograd_engine.convert import is_number
from autograd_engine.value import Value

__all__ = [
    "derivative",
    "grad",
    "gradient",
    "hessian",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]

Function: TypeAlias = Callable[..., Any]
Argnums: TypeAlias = int | Sequence[int]

# Whether a function is being differentiated: then what is asked for within it stays
# differentiable, because the outer variable may be reached through a closure.
_inside: ContextVar[bool] = ContextVar("autograd_engine.inside", default=False)


def gradient(output: Any, inputs: Any, create_graph: bool = False) -> Any:
    """The derivatives of a recorded value with respect to some of the values it was made from.

    Parameters
    ----------
    output : Value or number
    inputs : Value, or lists, tuples, dicts or arrays of Values
        Leaves or intermediate nodes.
    create_graph : bool
        Return Values that can be differentiated again; so it does within a function that is
        being differentiated itself.

    Returns
    -------
    float, or Value with `create_graph`, in the structure of `inputs`
        0.0 where the output does not depend on the input.

    Raises
    ------
    TypeError
        If `output` is not one number, or `inputs` are no Values.
    RuntimeError
        With `create_graph`, if the data of a leaf was changed after it was used.

    Examples
    --------
    >>> from autograd_engine import Value, gradient
    >>> x, y = Value(3.0), Value(4.0)
    >>> gradient(x * x * y, [x, y])
    [24.0, 9.0]
    >>> dx = gradient(x * x * y, x, create_graph=True)
    >>> gradient(dx, y)
    6.0
    """
    variables, rebuild = tree.flatten(inputs, "inputs")
    for variable in variables:
        if not isinstance(variable, Value):
            raise TypeError(
                f"inputs must be Values, got the number {variable!r}, of which nothing was "
                "recorded; write Value(...) around it before it is used"
            )
    root = _one_number(output, "output")
    if not isinstance(root, Value):
        return rebuild([0.0] * len(variables))
    with modes.mode_block(recording=True):
        return rebuild(_pull([root], [1.0], variables, create_graph or _inside.get()))


def value_and_grad(f: Function, argnums: Argnums = 0) -> Function:
    """A function that returns the value of f and its derivatives.

    Parameters
    ----------
    f : callable
        From numbers, or lists, tuples, dicts or arrays of numbers, to one number.
    argnums : int or sequence of int
        With respect to which positional arguments.

    Returns
    -------
    callable
        Takes the arguments of f; returns the value, and the derivatives in the structure of the
        argument (a tuple of those for several `argnums`). They are floats; where a Value is given,
        or within a function that is being differentiated itself, they are Values.

    Examples
    --------
    >>> from autograd_engine import value_and_grad
    >>> value_and_grad(lambda w: w[0] ** 2 * w[1])([3.0, 4.0])
    (36.0, [24.0, 9.0])
    """

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums)
        value = _one_number(call.output, f"what {_name(f)} returns", "grad")
        with modes.mode_block(recording=True):
            slopes = _pull(*call.seeds([value], [1.0]), call.variables, call.keeps_graph)
        return call.result(value), call.rebuild(slopes)

    return differentiated


def grad(f: Function, argnums: Argnums = 0) -> Function:
    """The derivative of f, as a function.

    Parameters
    ----------
    f : callable
        From numbers, or lists, tuples, dicts or arrays of numbers, to one number.
    argnums : int or sequence of int
        With respect to which positional arguments.

    Returns
    -------
    callable
        As for `value_and_grad`, without the value.

    Examples
    --------
    >>> from autograd_engine import grad, tanh
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return differentiated


def derivative(f: Function, order: int = 1) -> Function:
    """The n-th derivative of a function of one number.

    Parameters
    ----------
    f : callable
        From a number to a number.
    order : int
        0 for f itself.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If `order` is negative.

    Examples
    --------
    >>> from autograd_engine import derivative, sin
    >>> derivative(sin, order=2)(0.5) == -sin(0.5)
    True
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise ValueError(f"order must be 0, 1, 2, ..., got {order!r}")
    for _ in range(order):
        f = grad(f)
    return f


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """The derivatives of all that f returns, as a function.

    Parameters
    ----------
    f : callable
        From numbers to numbers, each in lists, tuples, dicts or arrays.
    argnums : int or sequence of int
        With respect to which positional arguments.

    Returns
    -------
    callable
        Returns what f returns, with the derivatives of each number in its place: for a list of
        m numbers as a function of a list of n, a list of m rows of n.

    Examples
    --------
    >>> from autograd_engine import jacobian
    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums)
        outputs, rebuild = tree.flatten(call.output, f"what {_name(f)} returns")
        with modes.mode_block(recording=True):
            rows = [
                _pull(*call.seeds([output], [1.0]), call.variables, call.keeps_graph)
                for output in outputs
            ]
        return rebuild([call.rebuild(row) for row in rows])

    return differentiated


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """The second derivatives of f, as a function.

    Parameters
    ----------
    f : callable
        From numbers, or lists, tuples, dicts or arrays of numbers, to one number.
    argnums : int or sequence of int
        With respect to which positional arguments.

    Returns
    -------
    callable
        For a list of n numbers, n rows of n; for several `argnums`, a tuple of tuples.

    Examples
    --------
    >>> from autograd_engine import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def tangent(output: Value, inputs: Sequence[Value], direction: Sequence[Value]) -> Value:
    """Forward mode on what was recorded: the derivative of a value along a direction.

    Parameters
    ----------
    output : Value
    inputs, direction : sequence of Value

    Returns
    -------
    Value
        To be differentiated again.

    Examples
    --------
    >>> x, y = Value(3.0), Value(4.0)
    >>> tangent(x * y, [x, y], [Value(1.0), Value(0.0)]).data
    4.0
    """
    with modes.mode_block(recording=True):
        pushed: list[Value] = _push(list(inputs), list(direction), [output], as_values=True)
    return pushed[0]


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Forward mode: the value of f, and its derivative in a direction.

    Parameters
    ----------
    f : callable
        From numbers to numbers, each in lists, tuples, dicts or arrays.
    primals : tuple or list
        The arguments of f.
    tangents : tuple or list
        The direction, in the structure of `primals`.

    Returns
    -------
    value, tangent
        Both in the structure of what f returns.

    Raises
    ------
    ValueError
        If `tangents` has another structure than `primals`.

    Examples
    --------
    >>> from autograd_engine import jvp
    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    if not isinstance(primals, (list, tuple)) or not isinstance(tangents, (list, tuple)):
        raise TypeError("jvp takes the arguments and the direction as tuples: jvp(f, (x,), (dx,))")
    directions = tree.flatten_like(list(tangents), list(primals), "tangents", "primals")
    keeps_graph = any(isinstance(direction, Value) for direction in directions)
    call = _Call(f, tuple(primals), {}, range(len(primals)), keeps_graph=keeps_graph)
    outputs, rebuild = tree.flatten(call.output, f"what {_name(f)} returns")
    with modes.mode_block(recording=True):
        pushed = _push(call.variables, directions, outputs, call.keeps_graph)
    return rebuild([call.result(output) for output in outputs]), rebuild(pushed)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Reverse mode: the value of f, and the function that pulls weights of its results back.

    Parameters
    ----------
    f : callable
        From numbers to numbers, each in lists, tuples, dicts or arrays.
    *primals
        The arguments of f.

    Returns
    -------
    value
        What f returns.
    pull : callable
        ``pull(cotangent)``, with a weight for each number that f returned, gives a tuple with the
        derivatives of the weighted sum with respect to each argument.

    Examples
    --------
    >>> from autograd_engine import vjp
    >>> value, pull = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
    >>> value, pull([1.0, 10.0])
    ([12.0, 7.0], (14.0, 13.0))
    """
    call = _Call(f, primals, {}, range(len(primals)))
    outputs, rebuild = tree.flatten(call.output, f"what {_name(f)} returns")

    def pull(cotangent: Any) -> Any:
        what_it_returns = f"what {_name(f)} returns"
        weights = tree.flatten_like(cotangent, call.output, "the cotangent", what_it_returns)
        keeps_graph = call.keeps_graph or any(isinstance(weight, Value) for weight in weights)
        with modes.mode_block(recording=True):
            seeds = call.seeds(outputs, weights)
            return call.rebuild(_pull(*seeds, call.variables, keeps_graph))

    return rebuild([call.result(output) for output in outputs]), pull


class _Call:
    """One call of a function on variables of its own, recorded."""

    def __init__(
        self,
        f: Function,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Argnums,
        keeps_graph: bool = False,
    ) -> None:
        chosen = _positions(argnums, len(args), f)
        leaves, rebuild = tree.flatten([args[i] for i in chosen], f"an argument of {_name(f)}")
        self.keeps_graph = (
            keeps_graph or _inside.get() or any(isinstance(leaf, Value) for leaf in leaves)
        )
        with modes.mode_block(recording=True):
            # Variables of this call alone: an outer variable is reached through a node of its
            # own, so that inner and outer derivatives cannot be confused.
            self.variables: list[Value] = [
                primitives.identity(leaf) if isinstance(leaf, Value) else Value(leaf)
                for leaf in leaves
            ]
            filled = list(args)
            for i, argument in zip(chosen, rebuild(self.variables), strict=True):
                filled[i] = argument
            token = _inside.set(True)
            try:
                self.output = f(*filled, **kwargs)
            finally:
                _inside.reset(token)
        several = not isinstance(argnums, int)
        self.rebuild: Callable[[list[Any]], Any] = lambda slopes: (
            tuple(rebuild(slopes)) if several else rebuild(slopes)[0]
        )

    def seeds(self, outputs: list[Any], weights: list[Any]) -> tuple[list[Value], list[Any]]:
        """The outputs that something was recorded for, with their weights."""
        pairs = [(o, w) for o, w in zip(outputs, weights, strict=True) if isinstance(o, Value)]
        return [output for output, _ in pairs], [weight for _, weight in pairs]

    def result(self, output: Any) -> Any:
        """What the caller is given: a Value only if it must stay differentiable."""
        if isinstance(output, Value):
            return output if self.keeps_graph else output.data
        return output


def _positions(argnums: Argnums, count: int, f: Function) -> list[int]:
    wanted = [argnums] if isinstance(argnums, int) else list(argnums)
    for position in wanted:
        if isinstance(position, bool) or not isinstance(position, int):
            raise TypeError(f"argnums must be integers, got {argnums!r}")
        if not -count <= position < count:
            raise ValueError(
                f"argnums={argnums!r}: {_name(f)} was given {count} positional arguments"
            )
    return [position % count for position in wanted]


def _one_number(output: Any, what: str, instead_of: str = "gradient") -> Any:
    if isinstance(output, Value) or is_number(output):
        return output
    raise TypeError(
        f"{what} must be one number for {instead_of}, got {output!r}; "
        "for several results use jacobian, or add them up"
    )


def _name(f: Function) -> str:
    return getattr(f, "__name__", None) or repr(f)


# --- the two sweeps ------------------------------------------------------------------------------


def _pull(
    roots: list[Value], weights: list[Any], variables: list[Value], as_values: bool
) -> list[Any]:
    """Reverse mode: the derivatives of the weighted sum of the roots."""
    gradients: dict[Value, Any] = {}
    for root, weight in zip(roots, weights, strict=True):
        gradients[root] = gradients[root] + weight if root in gradients else weight
    made = graph.made_nodes(*roots)
    if as_values:
        made = _dependent(made, variables)
    watcher = modes.current.get().watcher
    for node in made:
        gradient = gradients.get(node)
        if gradient is None:
            continue
        if as_values:
            for parent, partial in zip(node.parents, partials_as_values.get()(node), strict=True):
                _accumulate(gradients, parent, _times(gradient, partial))
        else:
            if watcher is not None:
                watcher.propagated(node, gradient)
            for parent, partial in zip(node.parents, node.partials, strict=True):
                gradients[parent] = gradients.get(parent, 0.0) + gradient * partial
    return [_finished(gradients.get(variable, 0.0), as_values) for variable in variables]


def _push(
    variables: list[Value], directions: list[Any], outputs: list[Any], as_values: bool
) -> list[Any]:
    """Forward mode: the derivatives of the outputs along the direction."""
    tangents: dict[Any, Any] = {}
    for variable, direction in zip(variables, directions, strict=True):
        tangents[variable] = direction if isinstance(direction, Value) else float(direction)
    made = graph.made_nodes(*(output for output in outputs if isinstance(output, Value)))
    for node in reversed(made):
        if node in tangents:
            continue
        moving = [i for i, parent in enumerate(node.parents) if parent in tangents]
        if moving:
            partials = partials_as_values.get()(node) if as_values else node.partials
            for i in moving:
                _accumulate(tangents, node, _times(tangents[node.parents[i]], partials[i]))
    return [
        _finished(tangents.get(output, 0.0) if isinstance(output, Value) else 0.0, as_values)
        for output in outputs
    ]


def _dependent(made: list[Value], variables: list[Value]) -> list[Value]:
    """Those of the nodes that were made from the variables."""
    reached = set(variables)
    for node in reversed(made):
        if node not in reached and not reached.isdisjoint(node.parents):
            reached.add(node)
    return [node for node in made if node in reached]


def _partials_as_values(node: Value) -> list[Any]:
    """The partials of a node as its primitive computes them from Values."""
    with modes.mode_block(watcher=None):  # who would blame a branch that is not taken
        value, partials = node._primitive.rule(functions.mathematics, *graph.operands(node))
    now = value._data if isinstance(value, Value) else value
    if not (now == node._data or now != now):
        raise RuntimeError(
            f"{node!r} was recorded by {node.op!r} from other numbers than its operands have now: "
            f"{now!r} would come out. Change .data only after the derivatives are taken, or "
            "compute the value again"
        )
    return list(rules.flatten(partials))


# How the partials of a node become Values; a compiler, which runs with other numbers, records the
# branches of rules as well.
partials_as_values: ContextVar[Callable[[Value], list[Any]]] = ContextVar(
    "autograd_engine.partials_as_values", default=_partials_as_values
)


def _times(gradient: Any, partial: Any) -> Any:
    """The product, without a node for a factor of 0 or 1."""
    if not isinstance(partial, Value):
        if partial == 1.0:
            return gradient
        if partial == 0.0:
            return 0.0
    if not isinstance(gradient, Value) and gradient == 1.0:
        return partial
    return gradient * partial


def _accumulate(sums: dict[Any, Any], node: Value, term: Any) -> None:
    if node in sums:
        before = sums[node]
        zero = not isinstance(before, Value) and before == 0.0
        sums[node] = term if zero else before + term
    else:
        sums[node] = term


def _finished(gradient: Any, as_values: bool) -> Any:
    return Value(gradient) if as_values and not isinstance(gradient, Value) else gradient
