"""Universal approximation and collapse: sums of ReLUs, and stacks of lines."""

from itertools import pairwise


def relu_interpolant(f, a, b, n):
    """Pairs (w, bias) whose sum of w * ReLU(x + bias) meets f at n + 1 knots from a to b."""
    knots = [a + (b - a) * i / n for i in range(n + 1)]
    # From a on, these two are the constant f(a).
    pairs = [(f(a), 1.0 - a), (-f(a), -a)]
    before = 0.0
    for left, right in pairwise(knots):
        slope = (f(right) - f(left)) / (right - left)
        pairs.append((slope - before, -left))
        before = slope
    return pairs


def collapse(layers):
    """The one pair (w, b) that computes what the layers compute one after another."""
    weight, bias = layers[0]
    for w, b in layers[1:]:
        weight, bias = w * weight, b
    return weight, bias
