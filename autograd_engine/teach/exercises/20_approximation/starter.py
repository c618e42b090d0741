"""Universal approximation and collapse: sums of ReLUs, and stacks of lines."""


def relu_interpolant(f, a, b, n):
    """Pairs (w, bias) whose sum of w * ReLU(x + bias) meets f at n + 1 knots from a to b."""
    raise NotImplementedError


def collapse(layers):
    """The one pair (w, b) that computes what the layers compute one after another."""
    raise NotImplementedError
