"""From scalars to matrices: the matrix rules are the scalar rules in bulk."""

import math


def sigmoid(z):
    """1/(1 + exp(-z)), without overflow."""
    return 0.5 + 0.5 * math.tanh(0.5 * z)


def slope(z):
    """The derivative of the sigmoid at z."""
    return sigmoid(z) * sigmoid(-z)


def transpose(A):
    """The columns of a matrix as rows."""
    return [list(column) for column in zip(*A, strict=True)]


def matmul(A, B):
    """The product of two matrices."""
    columns = transpose(B)
    return [
        [sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in A
    ]


def forward(layers, X):
    """The pairs (Z, A) of all layers."""
    steps, A = [], X
    for W, b in layers:
        Z = [[z + shift for z, shift in zip(row, b, strict=True)] for row in matmul(A, W)]
        A = [[sigmoid(z) for z in row] for row in Z]
        steps.append((Z, A))
    return steps


def loss(A, Y):
    """The mean of the squares of all entries of A - Y."""
    errors = [a - y for a_row, y_row in zip(A, Y, strict=True) for a, y in zip(a_row, y_row)]
    return sum(error**2 for error in errors) / len(errors)


def backward(layers, X, Y):
    """The pairs (dJ/dW, dJ/db) of all layers."""
    steps = forward(layers, X)
    inputs = [X, *(A for _, A in steps[:-1])]
    entries = len(Y) * len(Y[0])
    G = [[2 * (a - y) / entries for a, y in zip(*rows)] for rows in zip(steps[-1][1], Y)]
    gradients = []
    for (W, _), (Z, _), A in reversed(list(zip(layers, steps, inputs, strict=True))):
        G = [[g * slope(z) for g, z in zip(*rows)] for rows in zip(G, Z)]
        gradients.append((matmul(transpose(A), G), [sum(column) for column in zip(*G)]))
        G = matmul(G, transpose(W))
    return gradients[::-1]
