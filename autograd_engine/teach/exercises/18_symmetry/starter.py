"""Symmetry: equal neurons stay equal."""

import nn


def prediction(n):
    """How many different hidden neurons of n are left, after an equal and after a random start."""
    raise NotImplementedError


def distinct_hidden(model):
    """How many different neurons there are in the hidden layer."""
    raise NotImplementedError


def init_equal(n):
    """A network of n hidden neurons: all weights 0.5, all biases 0.1."""
    raise NotImplementedError


def init_random(n, seed):
    """A network of n hidden neurons: weights between -1 and 1, biases 0."""
    raise NotImplementedError
