"""Symmetry: equal neurons stay equal."""

import random

import nn


def prediction(n):
    """How many different hidden neurons of n are left, after an equal and after a random start."""
    return 1, n


def distinct_hidden(model):
    """How many different neurons there are in the hidden layer."""
    hidden = model.layers[0].neurons
    return len({tuple(p.data for p in neuron.parameters()) for neuron in hidden})


def init_equal(n):
    """A network of n hidden neurons: all weights 0.5, all biases 0.1."""
    model = nn.MLP(2, [n, 1], "tanh")
    for layer in model.layers:
        for neuron in layer.neurons:
            for weight in neuron.w:
                weight.data = 0.5
            neuron.b.data = 0.1
    return model


def init_random(n, seed):
    """A network of n hidden neurons: weights between -1 and 1, biases 0."""
    model = nn.MLP(2, [n, 1], "tanh")
    for layer in model.layers:
        for neuron in layer.neurons:
            rng = random.Random(seed)
            for weight in neuron.w:
                weight.data = rng.uniform(-1.0, 1.0)
    return model
