"""Vanishing and dying: see gradients fade."""

import math

from autograd_engine import sigmoid


def chain_gradient(weights, x):
    """The derivatives of a chain of sigmoids with respect to its weights."""
    raise NotImplementedError


def bound(weights, x):
    """What the first of these derivatives never exceeds, whatever its sign."""
    raise NotImplementedError


def layer_rms(model):
    """The root mean square of the weights' gradients, layer by layer."""
    raise NotImplementedError


def dead_units(layer, X):
    """The positions of the units whose output is 0 on all of X."""
    raise NotImplementedError
