"""Second derivatives, forward mode: derivatives are functions too."""

from autograd_engine import Value, cos, exp, graph, sigmoid, sin, tanh


def partials(node):
    """The derivatives of a node with respect to its parents: numbers and Values."""
    raise NotImplementedError


def gradient(output, inputs):
    """The derivatives of the output with respect to the inputs, as Values, by reverse mode."""
    raise NotImplementedError


def tangent(output, inputs, direction):
    """The speed of the output when the inputs have those of the direction, by forward mode."""
    raise NotImplementedError


def derivative(f):
    """The derivative of a function of one number, as a function."""
    raise NotImplementedError


def hessian(f, xs):
    """The second derivatives of a function of a list, at the numbers xs."""
    raise NotImplementedError
