"""From scalars to matrices: the matrix rules are the scalar rules in bulk."""

import math


def sigmoid(z):
    """1/(1 + exp(-z)), without overflow."""
    return 0.5 + 0.5 * math.tanh(0.5 * z)


def slope(z):
    """The derivative of the sigmoid at z."""
    return sigmoid(z) * sigmoid(-z)


def matmul(A, B):
    """The product of two matrices."""
    raise NotImplementedError


def forward(layers, X):
    """The pairs (Z, A) of all layers."""
    raise NotImplementedError


def loss(A, Y):
    """The mean of the squares of all entries of A - Y."""
    raise NotImplementedError


def backward(layers, X, Y):
    """The pairs (dJ/dW, dJ/db) of all layers."""
    raise NotImplementedError
