"""What is asked of an answer, in the learner's process."""

import math

_CURVES = {
    "sin(x)": math.sin,
    "x**2": lambda x: x * x,
    "x**3 - x": lambda x: x**3 - x,
    "exp(x)": math.exp,
}


def interpolant(answer, curve, scale, shift, a, b, n):
    """relu_interpolant(f, {a}, {b}, {n}) for f(x) = {scale} * ({curve!s}) + {shift}"""
    return answer.relu_interpolant(lambda x: scale * _CURVES[curve](x) + shift, a, b, n)
