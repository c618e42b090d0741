"""Logic from threshold units: what one neuron can and cannot do."""

from operator import mul

# Pairs of weights and a bias.
OR = ([1.0, 1.0], -1.0)
AND = ([1.0, 1.0], -2.0)
NAND = ([-1.0, -1.0], 1.0)
NOT = ([-1.0], 0.0)


def unit(weights, bias, inputs):
    """1 where the weighted sum plus the bias is at least 0, else 0."""
    total = sum(map(mul, weights, inputs)) + bias
    return 1 if total >= 0 else 0


def xor(a, b, unit):
    """1 where exactly one of a and b is 1, by calls of unit alone."""
    return 1 if a != b else 0


def representable(table):
    """Whether one unit has these values at (0, 0), (0, 1), (1, 0) and (1, 1)."""
    first, second, third, last = table
    # A line has each pair of opposite corners on one side only if it has all four there.
    return not (first == last and second == third and first != second)
