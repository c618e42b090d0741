"""Slope: the derivative is a limit of differences."""


def derivative(f, x, h=1e-5):
    """The slope of f at the number x, from values of f about h away."""
    raise NotImplementedError


def gradient(f, xs):
    """The slopes of f along each of its inputs, at the point xs: a list of numbers."""
    raise NotImplementedError
