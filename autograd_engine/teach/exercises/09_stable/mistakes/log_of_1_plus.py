"""Stable functions: correct mathematics can still overflow."""

from autograd_engine import Value, exp, log


def number(z):
    """The plain number of a Value or of a number."""
    return z.data if isinstance(z, Value) else z


def sigmoid(z):
    """1 / (1 + e^-z)."""
    return exp(-softplus(-z))


def softplus(z):
    """log(1 + e^z)."""
    if z > 0:
        return z + log(1 + exp(-z))
    return log(1 + exp(z))


def logsumexp(zs):
    """The logarithm of the sum of e^z over a list."""
    shift = max(number(z) for z in zs)
    return shift + log(sum(exp(z - shift) for z in zs))


def log_softmax(zs):
    """The logarithms of e^z / (sum of all e^z), in a list."""
    total = logsumexp(zs)
    return [z - total for z in zs]


def bce_with_logits(z, y):
    """Minus the log-likelihood of y, where the probability of 1 is the sigmoid of z."""
    return y * softplus(-z) + (1 - y) * softplus(z)
