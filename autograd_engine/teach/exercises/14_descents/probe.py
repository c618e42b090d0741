"""Descents on two functions, which count the nodes behind the x that they are given."""

from autograd_engine import Value
from autograd_engine.graph import nodes


def on_the_quartic(answer, x0, lr, steps):
    """descend(f, {x0}, {lr}, {steps}) for f(x) = x^4 - 3 x^2 + x"""
    return _descent(answer, lambda x: x**4 - 3 * x**2 + x, x0, lr, steps)


def on_the_square(answer, x0, lr, steps):
    """descend(f, {x0}, {lr}, {steps}) for f(x) = x^2"""
    return _descent(answer, lambda x: x**2, x0, lr, steps)


def _descent(answer, f, x0, lr, steps):
    behind = [1]

    def counted(x):
        if isinstance(x, Value):
            behind.append(len(nodes(x)))
        return f(x)

    return {"result": answer.descend(counted, x0, lr, steps), "nodes": max(behind)}
