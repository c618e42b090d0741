"""SGD and batch descent: noisy but unbiased."""

from autograd_engine import Value


def gradient(w, b, examples):
    """The derivatives of the examples' mean squared error with respect to w and b."""
    raise NotImplementedError


def batches(n, size, rng):
    """The indices from 0 to n - 1 in a random order, cut into lists of this size."""
    raise NotImplementedError


def train(examples, lr, size, epochs, rng):
    """The pairs (w, b) from the start to the end, one step for each batch."""
    raise NotImplementedError
