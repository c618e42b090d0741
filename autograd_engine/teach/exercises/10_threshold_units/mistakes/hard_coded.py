"""Logic from threshold units: what one neuron can and cannot do."""

# Pairs of weights and a bias.
OR = ([1.0, 1.0], -1.0)
AND = ([1.0, 1.0], -2.0)
NAND = ([-1.0, -1.0], 1.0)
NOT = ([-1.0], 0.0)


def unit(weights, bias, inputs):
    """1 where the weighted sum plus the bias is at least 0, else 0."""
    a, b = inputs if len(inputs) == 2 else (inputs[0], 0)
    if (weights, bias) == OR:
        return 1 if a or b else 0
    if (weights, bias) == AND:
        return 1 if a and b else 0
    if (weights, bias) == NAND:
        return 0 if a and b else 1
    if (weights, bias) == NOT:
        return 0 if a else 1
    return 1 if weights[0] * a >= -bias else 0


def xor(a, b, unit):
    """1 where exactly one of a and b is 1, by calls of unit alone."""
    return unit(*AND, [unit(*OR, [a, b]), unit(*NAND, [a, b])])


def representable(table):
    """Whether one unit has these values at (0, 0), (0, 1), (1, 0) and (1, 1)."""
    first, second, third, last = table
    # A line has each pair of opposite corners on one side only if it has all four there.
    return not (first == last and second == third and first != second)
