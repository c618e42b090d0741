"""Descents on two functions."""


def on_the_quartic(answer, x0, lr, steps):
    """descend(f, {x0}, {lr}, {steps}) for f(x) = x^4 - 3 x^2 + x"""
    return answer.descend(lambda x: x**4 - 3 * x**2 + x, x0, lr, steps)


def on_the_square(answer, x0, lr, steps):
    """descend(f, {x0}, {lr}, {steps}) for f(x) = x^2"""
    return answer.descend(lambda x: x**2, x0, lr, steps)
