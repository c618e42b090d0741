"""Regression, logistic regression, LDA: one neuron, three views."""

from autograd_engine import Value, sigmoid, softplus


def fit_line(xs, ys, lr, steps):
    """The w, b and losses of w x + b, fitted to numbers by the mean of the squares."""
    raise NotImplementedError


def fit_logistic(xs, ys, lr, steps):
    """The w, b and losses of sigmoid(w x + b), fitted to labels 0 and 1 by -log(likelihood)."""
    raise NotImplementedError


def lda_weights(mean0, mean1, covariance, prior):
    """The w and b of the neuron that gives the probability of class 1."""
    raise NotImplementedError
