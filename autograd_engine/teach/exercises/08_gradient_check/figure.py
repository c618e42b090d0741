"""How far a gradient is from differences with different steps: a right one, and one 10 % off."""

import math

from autograd_engine import derivative, tanh
from autograd_engine.teach.pictures import curves


def figure(details):
    x = 0.7
    slope = derivative(tanh)(x)

    def error(gradient, h):
        difference = (math.tanh(x + h) - math.tanh(x - h)) / (2 * h)
        return abs(gradient - difference) / abs(difference)

    steps = [10 ** (-k / 4) for k in range(4, 52)]
    lines = {
        "right": [(h, error(slope, h)) for h in steps],
        "10 % off": [(h, error(1.1 * slope, h)) for h in steps],
    }
    return curves(lines, x_label="step h", y_label="relative error of a gradient", log=True)
