"""Graphs to differentiate, by the answer's functions."""

from autograd_engine import Value, exp, functions, sin
from autograd_engine.teach.programs import run

# Functions of one number.
_FUNCTIONS = {
    "x * x * x": lambda x: x * x * x,
    "tanh(x)": functions.tanh,
    "sigmoid(x)": functions.sigmoid,
    "exp(x) * sin(3 * x)": lambda x: exp(x) * sin(3.0 * x),
    "sin(x) / (x * x + 1)": lambda x: sin(x) / (x * x + 1.0),
}


def _number(result):
    return result.data if isinstance(result, Value) else result


def _value(result):
    """The number of what must be a Value."""
    return result.data if isinstance(result, Value) else f"{result!r}, which is no Value"


def _values(results):
    return [_value(x) for x in results] if isinstance(results, (list, tuple)) else results


def _made(steps, values):
    """All nodes of a program by their names, its inputs among them."""
    nodes = run(steps, {name: Value(x) for name, x in values.items()})
    return nodes, list(nodes.values())[-1]


def partials_of(answer, steps, values):
    """partials(...) of the last node"""
    _, node = _made(steps, values)
    results = answer.partials(node)
    return [_number(x) for x in results] if isinstance(results, (list, tuple)) else results


def gradient_of(answer, steps, values, names):
    """gradient(the last node, [the nodes {names}])"""
    nodes, output = _made(steps, values)
    return _values(answer.gradient(output, [nodes[name] for name in names]))


def gradient_twice(answer, steps, values, names):
    """gradient(output, {names}), and the same call once more"""
    nodes, output = _made(steps, values)
    inputs = [nodes[name] for name in names]
    first = _values(answer.gradient(output, inputs))
    return {"first": first, "second": _values(answer.gradient(output, inputs))}


def gradients_of_gradients(answer, function, x, order):
    """x = Value({x}); {order} times in turn: y = gradient(y, [x])[0], from y = {function}"""
    x = Value(x)
    y = _FUNCTIONS[function](x)
    for _ in range(order):
        (y,) = answer.gradient(y, [x])
    return _value(y)


def tangent_of(answer, steps, values, names, direction):
    """tangent(the last node, [the nodes {names}], {direction})"""
    nodes, output = _made(steps, values)
    return _value(answer.tangent(output, [nodes[name] for name in names], direction))


def derivatives_of(answer, function, x, order):
    """f(x) = {function}; derivative, {order} times nested, at {x}"""
    f = _FUNCTIONS[function]
    for _ in range(order):
        f = answer.derivative(f)
    return _value(f(x))


def inner_sum(answer, x, y):
    """derivative(lambda x: x * derivative(lambda y: x + y)({y}))({x})"""
    return _value(answer.derivative(lambda x: x * answer.derivative(lambda z: x + z)(y))(x))


def inner_product(answer, x):
    """derivative(lambda x: derivative(lambda y: x * y)(x))({x})"""
    return _value(answer.derivative(lambda x: answer.derivative(lambda y: x * y)(x))(x))


def inner_sine(answer, x):
    """derivative(lambda x: x * derivative(lambda y: sin(x * y))(x))({x})"""
    return _value(answer.derivative(lambda x: x * answer.derivative(lambda y: sin(x * y))(x))(x))


def hessian_of_lecture(answer, xs):
    """f(x, y) = x * x * y + y * y * y; hessian(f, {xs})"""
    return answer.hessian(lambda z: z[0] * z[0] * z[1] + z[1] * z[1] * z[1], xs)


def hessian_of(answer, steps, names, xs):
    """hessian(f, {xs})"""
    return answer.hessian(
        lambda z: list(run(steps, dict(zip(names, z, strict=True))).values())[-1], xs
    )
