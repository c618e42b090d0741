"""Logic from threshold units: what one neuron can and cannot do."""

# Pairs of weights and a bias.
OR = ([0.0, 0.0], 0.0)
AND = ([0.0, 0.0], 0.0)
NAND = ([0.0, 0.0], 0.0)
NOT = ([0.0], 0.0)


def unit(weights, bias, inputs):
    """1 where the weighted sum plus the bias is at least 0, else 0."""
    raise NotImplementedError


def xor(a, b, unit):
    """1 where exactly one of a and b is 1, by calls of unit alone."""
    raise NotImplementedError


def representable(table):
    """Whether one unit has these values at (0, 0), (0, 1), (1, 0) and (1, 1)."""
    raise NotImplementedError
