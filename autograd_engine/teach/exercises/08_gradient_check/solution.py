"""Gradient check: test derivatives like an engineer."""

import math


def exp(x):
    """Of a Value or of a plain number, as all that follow."""
    return x.exp() if hasattr(x, "exp") else math.exp(x)


def log(x):
    return x.log() if hasattr(x, "log") else math.log(x)


def tanh(x):
    return x.tanh() if hasattr(x, "tanh") else math.tanh(x)


def relu(x):
    return x.relu() if hasattr(x, "relu") else max(0.0, x)


def gradcheck(Value, f, xs):
    """Whether the gradients of f at xs, by the engine of Value, agree with differences of f."""
    inputs = [Value(x) for x in xs]
    f(*inputs).backward()

    def along(i, x):
        return f(*(Value(x if j == i else other) for j, other in enumerate(xs))).data

    h = 1e-5
    for i, x in enumerate(xs):
        left = (along(i, x) - along(i, x - h)) / h
        right = (along(i, x + h) - along(i, x)) / h
        is_kink = not math.isclose(left, right, rel_tol=0.01)
        slope = (left + right) / 2
        if not is_kink and not math.isclose(inputs[i].grad, slope, rel_tol=1e-4, abs_tol=1e-9):
            return False
    return True


POINT = (0.7, -1.3)

# Each operation alone: between its operands, on one that is used twice, with a number on the left.
ALONE = {
    "+": [lambda a, b: a + b, lambda a, b: a + a],
    "-": [lambda a, b: a - b, lambda a, b: a - a, lambda a, b: 5 - a],
    "*": [lambda a, b: a * b, lambda a, b: a * a],
    "/": [lambda a, b: a / b, lambda a, b: a / a, lambda a, b: 5 / a],
    "neg": [lambda a, b: -a],
    "**": [lambda a, b: a**3],
    "exp": [lambda a, b: exp(a)],
    "log": [lambda a, b: log(a)],
    "tanh": [lambda a, b: tanh(a)],
    "relu": [lambda a, b: relu(a), lambda a, b: relu(b)],
}


def negative(f):
    return lambda a, b: -f(a, b)


# The same, with another gradient than 1 from above.
FED = {operation: [negative(f) for f in formulas] for operation, formulas in ALONE.items()}


def used_again(c):
    return c + tanh(exp(c))


# A result that is used at once and later, and two nodes that hold the same number.
TOGETHER = [
    (lambda a, b: used_again(tanh(a)), POINT),
    (lambda a, b: tanh(a) * tanh(b), (0.7, 0.7)),
]


def is_right(Value, f, xs):
    """Whether f has the value it has for plain numbers, and the gradients of differences."""
    same = math.isclose(f(*(Value(x) for x in xs)).data, f(*xs))
    return same and gradcheck(Value, f, xs)


def diagnose(Value):
    """The operation that is broken in an engine, or "backward", or None."""
    for table in (ALONE, FED):
        broken = [
            operation
            for operation, formulas in table.items()
            if not all(is_right(Value, f, POINT) for f in formulas)
        ]
        if broken:
            return broken[0] if len(broken) == 1 else "backward"
    return None if all(is_right(Value, f, xs) for f, xs in TOGETHER) else "backward"
