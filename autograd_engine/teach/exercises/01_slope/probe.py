"""What is asked of the learner's functions."""

import math


def slope_of_wave(answer, x, h):
    """derivative(f, {x}, {h}) for f(x) = e^x sin 3x"""
    return answer.derivative(lambda t: math.exp(t) * math.sin(3 * t), x, h)


def gradient_of_product(answer, xs):
    """gradient(f, {xs}) for f([a, b, c]) = a b sin c"""
    points = []

    def f(point):
        points.append(list(point))
        a, b, c = point
        return a * b * math.sin(c)

    given = list(xs)
    return {"gradient": answer.gradient(f, given), "xs": given, "points": points}
