"""Products that cannot be, and the time that a step takes with and without a graph."""

from time import perf_counter

import nn
from autograd_engine import Value, sigmoid


def refused(answer, A, B):
    """matmul({A}, {B})"""
    try:
        return answer.matmul(A, B)
    except ValueError:
        return "ValueError"


def _scalar_step(layers, X, Y):
    """The same step with a Value for each sum and product."""
    layers = [
        ([[Value(w) for w in column] for column in zip(*W, strict=True)], [Value(z) for z in b])
        for W, b in layers
    ]
    outputs = []
    for row in X:
        for columns, b in layers:
            row = [
                sigmoid(sum(w * x for w, x in zip(column, row, strict=True)) + z)
                for column, z in zip(columns, b, strict=True)
            ]
        outputs += row
    nn.mse(outputs, [y for row in Y for y in row]).backward()


def _seconds(function, *arguments):
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def times_faster(answer, layers, X, Y):
    """how many times faster backward(layers, X, Y) is than the same with Values"""
    pairs = [
        (_seconds(_scalar_step, layers, X, Y), _seconds(answer.backward, layers, X, Y))
        for _ in range(5)
    ]
    scalar, matrix = (min(times) for times in zip(*pairs, strict=True))
    return scalar / matrix
