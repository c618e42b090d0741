"""Perceptron learning: without gradients, and its limit."""


def fit(X, y, max_epochs):
    """The weights, the bias, how many updates and epochs it took, and whether it converged."""
    raise NotImplementedError
