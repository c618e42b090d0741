"""XOR three ways: why hidden layers exist."""

import nn  # models, losses and optimizers

X = []
Y = []


def outputs(model):
    """The model's outputs for the rows of X, as plain numbers."""
    raise NotImplementedError


def train(model, optimizer, steps):
    """Train on all rows at once; the losses, each before its step."""
    raise NotImplementedError


def line():
    """The linear neuron that fits XOR best."""
    raise NotImplementedError


def slide_network():
    """The slide's network of two hidden ReLUs, with its numbers."""
    raise NotImplementedError


def network(seed):
    """A network, not yet trained, that learns XOR from every start."""
    raise NotImplementedError
