"""Slope: the derivative is a limit of differences."""


def derivative(f, x, h=1e-5):
    """The slope of f at the number x, from values of f about h away."""
    return (f(x + h) - f(x)) / h


def gradient(f, xs):
    """The slopes of f along each of its inputs, at the point xs: a list of numbers."""
    slopes = []
    for i, x in enumerate(xs):

        def along(t, i=i):
            return f([*xs[:i], t, *xs[i + 1 :]])

        slopes.append(derivative(along, x))
    return slopes
