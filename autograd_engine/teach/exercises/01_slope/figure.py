"""The error of a difference against its step: one point beside x, or one on either side."""

import math

from autograd_engine.teach.pictures import curves


def figure(details):
    x, right = 1.3, -10.51460103015124

    def f(t):
        return math.exp(t) * math.sin(3 * t)

    steps = [10 ** (-k / 4) for k in range(4, 56)]
    one_sided = [(h, abs((f(x + h) - f(x)) / h - right)) for h in steps]
    both_sides = [(h, abs((f(x + h) - f(x - h)) / (2 * h) - right)) for h in steps]
    return curves(
        {"one side": one_sided, "both sides": both_sides},
        x_label="step h",
        y_label="error of the slope of e^x sin 3x at 1.3",
        log=True,
    )
